// What was done last, how to take it back, and why it was done; and messages that pass.

const place = document.querySelector("[data-done]");
const live = document.querySelector("[data-live]");
const toasts = document.querySelector("[data-toasts]");

export function announce(words) {
  live.textContent = words;
}

function make(kind, css, words) {
  const made = document.createElement(kind);
  made.className = css;
  if (words !== undefined) made.textContent = words;
  return made;
}

// Shows the last act; `group` has says, quote, harsh, and the action whose reasons are offered.
export function show(group) {
  place.replaceChildren();
  if (!group) return;
  const line = make("div", "line");
  const words = make("p", "");
  words.append(make("strong", `outcome ${group.becomes}`, group.says));
  const quote = make("span", "quote", group.quote);
  quote.dir = "auto";
  if (group.harsh) quote.dataset.harsh = "";
  words.append(" ", quote);
  const undo = make("button", "quiet", "Undo ");
  undo.type = "button";
  undo.dataset.undo = "";
  undo.setAttribute("aria-keyshortcuts", "z u");
  undo.append(make("kbd", "", "z"));
  line.append(words, undo);
  place.append(line);
  const reasons = document.querySelector(`template[data-reasons="${group.action}"]`);
  if (reasons?.content.childElementCount) place.append(because(reasons, group.reason));
  announce(group.says);
}

function because(reasons, chosen) {
  const box = make("div", "because");
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", "Because");
  box.append(make("span", "", "because"), reasons.content.cloneNode(true));
  for (const button of box.querySelectorAll("[data-code]")) {
    button.setAttribute("aria-pressed", button.dataset.code === chosen);
    if (button.dataset.code === chosen && button.title) box.append(make("small", "", button.title));
  }
  return box;
}

// The reason that a number stands for now; none where no reasons are offered.
export function codeAt(number) {
  return place.querySelectorAll("[data-code]")[number - 1]?.dataset.code;
}

export function toast(words, quote = "") {
  const made = make("p", "toast", words);
  if (quote) {
    const said = make("span", "quote", quote);
    said.dir = "auto";
    made.append(" ", said);
  }
  const close = make("button", "quiet", "Close");
  close.type = "button";
  close.addEventListener("click", () => made.remove());
  made.append(" ", close);
  toasts.append(made);
  while (toasts.childElementCount > 3) toasts.firstElementChild.remove();
}
