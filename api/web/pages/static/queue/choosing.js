// Asks a question of a few answers: by key 1 to 9, by click, or not at all by Escape.

const dialog = document.getElementById("choose");
const title = dialog.querySelector("h2");
const choices = dialog.querySelector("[data-choices]");
const canned = dialog.querySelector("[data-canned]");
const targets = document.querySelector("template[data-targets]");

export const hasTargets = () => targets.content.childElementCount > 1;

export function target() {
  return ask("Escalate to", targets, "target");
}

export function reason(action) {
  const offered = document.querySelector(`template[data-reasons="${action}"]`);
  return ask("Why?", offered, "code");
}

function ask(question, offered, field) {
  title.textContent = question;
  canned.textContent = "";
  choices.replaceChildren(offered.content.cloneNode(true));
  const buttons = [...choices.querySelectorAll("button")];
  return new Promise((resolve) => {
    let chosen;
    const choose = (button) => {
      chosen = button?.dataset[field];
      if (button) dialog.close();
    };
    const press = (event) => {
      if (/^[1-9]$/.test(event.key)) choose(buttons[Number(event.key) - 1]);
    };
    for (const button of buttons) {
      button.addEventListener("click", () => choose(button));
      button.addEventListener("focus", () => (canned.textContent = button.title));
    }
    dialog.addEventListener("keydown", press);
    dialog.addEventListener(
      "close",
      () => {
        dialog.removeEventListener("keydown", press);
        resolve(chosen);
      },
      { once: true },
    );
    dialog.showModal();
    buttons[0]?.focus();
  });
}
