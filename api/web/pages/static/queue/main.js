// The queue with keys and without reloads. Without this it works as plain forms.

import { on } from "../keys.js";
import * as acts from "./acts.js";
import * as care from "./care.js";
import * as claims from "./claims.js";
import * as deck from "./deck.js";
import * as live from "./live.js";
import * as more from "./more.js";
import * as outbox from "./outbox.js";
import * as strip from "./strip.js";

const unsent = document.querySelector("[data-unsent]");
const chosen = document.querySelector("[data-selected]");

function showUnsent() {
  const count = outbox.count();
  document.body.dataset.outbox = count;
  const failing = count > 0 && outbox.isFailing();
  const words = failing ? `${count} unsent` : "";
  if (unsent.textContent !== words) unsent.textContent = words;
  unsent.hidden = !failing;
  if (failing && outbox.isSignedOut()) {
    const link = document.createElement("a");
    link.href = "/moderate/sign-in?next=/moderate";
    link.textContent = "Sign in to send them";
    unsent.replaceChildren(`${count} unsent. `, link);
  }
}

function showSelected() {
  const count = deck.selected().length;
  chosen.textContent = `${count} selected`;
  chosen.hidden = count === 0;
  document.querySelector("[data-plain]").hidden = count === 0;
}

function select(item, on) {
  if (item) deck.tick(item, on);
  showSelected();
}

function selectAll() {
  const items = deck.all();
  const rest = items.some((item) => !deck.entry(item.dataset.id)?.querySelector("input").checked);
  for (const item of items) deck.tick(item, rest);
  showSelected();
}

function decideSelected(action) {
  const items = deck.selected();
  if (items.length) acts.decide(action, items).then(showSelected);
}

function openNote() {
  const box = deck.current()?.querySelector(".note-on");
  if (!box) return;
  box.open = true;
  box.querySelector("textarea").focus();
}

function submit(event) {
  const form = event.target;
  const item = form.closest(".items > .item");
  if (form.matches("[data-note]")) {
    event.preventDefault();
    const id = item.dataset.id;
    const path = form.getAttribute("action");
    outbox.add({ id, path, form: { text: form.elements.text.value }, says: "Noted" });
    form.reset();
    form.closest("details").open = false;
    strip.announce("The note is added.");
    item.querySelector(".card").focus();
  } else if (item && form.matches(".actions") && event.submitter) {
    event.preventDefault();
    acts.decide(event.submitter.value, [item]);
  }
}

function click(event) {
  const link = event.target.closest(".entries a");
  if (link) {
    event.preventDefault();
    deck.show(deck.find(link.closest("[data-for]").dataset.for));
  } else if (event.target.closest("[data-undo]")) acts.undo();
  else {
    const code = event.target.closest(".strip [data-code]");
    if (code) acts.because(code.dataset.code);
  }
}

const here = () => [deck.current()];
on("j", () => deck.step(1));
on("k", () => deck.step(-1));
on("a", () => acts.decide("approve", here()));
on("rd", () => acts.decide("reject", here()));
on("e", () => acts.decide("escalate", here()));
on("s", () => acts.decide("skip", here()));
on("zu", () => acts.undo());
on("x", () => select(deck.current()));
on("X", selectAll);
on("A", () => decideSelected("approve"));
on("R", () => decideSelected("reject"));
on("E", () => decideSelected("escalate"));
on("S", () => decideSelected("skip"));
on("N", () => live.insert());
on("n", openNote);
on("v", () => care.reveal());
on("123456789", (event) => acts.because(strip.codeAt(Number(event.key))));

document.addEventListener("submit", submit);
document.addEventListener("click", click);
document.querySelector(".entries").addEventListener("change", showSelected);
deck.onEmpty(() => more.fill());
acts.resume();
outbox.start({
  done: acts.confirm,
  refused: acts.rollBack,
  changed: showUnsent,
  version: deck.version,
});
showSelected();
more.start();
live.start();
care.start();
claims.start(live.leave);
if (deck.current()) deck.show(deck.current());
