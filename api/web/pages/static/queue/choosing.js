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

let answer = () => {};

// A dialog tells that it was closed some time later, when it may hold the next question already.
dialog.addEventListener("close", () => dialog.open || answer());
dialog.addEventListener("keydown", (event) => {
  if (/^[1-9]$/.test(event.key)) choices.querySelectorAll("button")[Number(event.key) - 1]?.click();
});

function ask(question, offered, field) {
  answer();
  title.textContent = question;
  canned.textContent = "";
  choices.replaceChildren(offered.content.cloneNode(true));
  const buttons = [...choices.querySelectorAll("button")];
  return new Promise((resolve) => {
    answer = resolve;
    for (const button of buttons) {
      button.addEventListener("click", () => {
        dialog.close();
        resolve(button.dataset[field]);
      });
      button.addEventListener("focus", () => (canned.textContent = button.title));
    }
    dialog.showModal();
    buttons[0]?.focus();
  });
}
