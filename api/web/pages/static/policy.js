// Goes to the line that a fault is about; a Tab in the editor stays a Tab of the keyboard.
"use strict";

const editor = document.querySelector("#text");

function select(line) {
  const lines = editor.value.split("\n");
  const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  editor.focus();
  editor.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
  editor.scrollTop = (line - 4) * (editor.scrollHeight / lines.length);
}

for (const link of document.querySelectorAll("[data-line]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    select(Number(link.dataset.line));
  });
}

// What is not saved is not lost to a slip of the finger.
const before = editor.value;
let leaving = false;
editor.form.addEventListener("submit", () => { leaving = true; });
window.addEventListener("beforeunload", (event) => {
  if (!leaving && editor.value !== before) event.preventDefault();
});
