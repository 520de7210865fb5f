// Keys, and decisions without a reload. Without this file the queue works as plain forms.
"use strict";

const items = () => [...document.querySelectorAll(".item")];
const live = document.querySelector("[data-live]");
const empty = document.querySelector("[data-empty]");
const help = document.getElementById("keys");
const decided = []; // the items decided here, latest last

function here() {
  return items().indexOf(document.activeElement.closest(".item"));
}

// The nearest card after (step 1) or before (step -1) a place in the list.
function cardFrom(place, step) {
  const all = items();
  for (let at = place + step; at >= 0 && at < all.length; at += step) {
    const card = all[at].querySelector(".card");
    if (card) return card;
  }
  return null;
}

function focusOn(card) {
  if (!card) return;
  card.focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest" });
}

function count(tab, change) {
  const shown = document.querySelector(`nav a${tab} .count`);
  if (shown) shown.textContent = Math.max(0, Number(shown.textContent) + change);
}

function isEscalated(item) {
  return item.querySelector(".outcome.pending") !== null;
}

// Puts the server's answer in the place of an item, and leads on to what is next.
function replace(item, html) {
  const place = items().indexOf(item);
  const box = document.createElement("template");
  box.innerHTML = html;
  const fresh = box.content.querySelector(".item");
  const waited = item.querySelector(".card");
  const waits = fresh.querySelector(".card");
  item.replaceWith(fresh);
  if (!waits) decided.push(fresh);
  count("[aria-current]", Boolean(waits) - Boolean(waited));
  count('[href*="queue=escalated"]:not([aria-current])', isEscalated(fresh) - isEscalated(item));
  empty.hidden = Boolean(document.querySelector(".card"));
  const notice = fresh.querySelector(".notice, [data-announce]");
  live.textContent = notice ? notice.textContent : "Undone. The comment waits again.";
  focusOn(waits || cardFrom(place, 1) || cardFrom(place, -1) || empty);
}

async function send(event) {
  const form = event.target;
  if (!form.matches(".item form[data-inplace]") || form.dataset.plain) return;
  event.preventDefault();
  if (form.dataset.busy) return;
  form.dataset.busy = "yes";
  try {
    const body = new URLSearchParams(new FormData(form, event.submitter));
    const headers = { "Winnow-Item": "yes" };
    // Not form.action: the buttons are called so.
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body, headers });
    if (answer.redirected || !(answer.ok || answer.status === 409)) throw new Error(answer.status);
    replace(form.closest(".item"), await answer.text());
  } catch {
    form.dataset.plain = "yes"; // let the browser do it, and show what comes
    form.requestSubmit(event.submitter);
  }
}

function press(value) {
  const card = document.activeElement.closest(".card");
  if (card) card.querySelector(`button[value=${value}]`)?.click();
  else move(1); // never decide about a comment that is not marked
}

function move(step) {
  focusOn(cardFrom(here(), step));
}

function undo() {
  let last = decided.pop();
  while (last && !last.isConnected) last = decided.pop();
  (last || document.querySelector(".banner"))?.querySelector(".undo")?.requestSubmit();
}

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  a: () => press("approve"),
  r: () => press("reject"),
  d: () => press("reject"),
  e: () => press("escalate"),
  u: undo,
  z: undo,
  "?": () => help.showModal(),
};

document.addEventListener("submit", send);
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || help.open) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (!Object.hasOwn(KEYS, event.key)) return;
  event.preventDefault();
  KEYS[event.key]();
});
document.querySelector("[data-keys]").addEventListener("click", () => help.showModal());
document.querySelector("[data-keys]").hidden = false;
document.documentElement.classList.add("with-keys");
