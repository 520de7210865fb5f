// Keys of all pages: g and a letter lead somewhere, / searches, ? shows what there is.
// Pages add their own with `on`. Off while somebody types, and where a person wants none.

const own = new Map();
const help = document.getElementById("keys");
const wanted = help !== null && help.querySelector("dl") !== null;
const WAIT = 1500; // milliseconds for the letter after g
let going = 0;

// Have a key do something on this page; the name is KeyboardEvent.key, so "A" is shift and a.
export function on(keys, act) {
  for (const key of keys) own.set(key, act);
}

export function showHelp() {
  help.showModal();
}

function isTyping(target) {
  return Boolean(target.closest("input:not([type=checkbox]), textarea, select, [contenteditable], dialog"));
}

function search() {
  const box = document.querySelector("input[type=search]");
  if (box) box.focus();
  else location.href = "/moderate/search";
}

function go(key) {
  const link = [...document.querySelectorAll("[data-go]")].find((one) => one.dataset.go === key);
  if (link) location.href = link.href;
}

function press(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (document.querySelector("dialog[open]") || isTyping(event.target)) return;
  const key = event.key;
  if (Date.now() < going) {
    going = 0;
    event.preventDefault();
    go(key.toLowerCase());
  } else if (own.has(key)) {
    event.preventDefault();
    own.get(key)(event);
  } else if (key === "g" && !event.repeat) going = Date.now() + WAIT;
  else if (key === "/") {
    event.preventDefault();
    search();
  } else if (key === "?") {
    event.preventDefault();
    showHelp();
  }
}

if (wanted) {
  document.addEventListener("keydown", press);
  document.documentElement.classList.add("with-keys");
}
for (const button of document.querySelectorAll("[data-keys]")) {
  button.addEventListener("click", showHelp);
  button.hidden = false;
}
