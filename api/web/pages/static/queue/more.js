// Fetches more comments before those on the page run out.

import * as acts from "./acts.js";
import * as deck from "./deck.js";

const LOW = 14; // comments; below that more are fetched
const query = document.body.dataset.query;
const list = document.querySelector(".items");
const empty = document.querySelector("[data-empty]");
const link = document.querySelector("[data-more]");
const said = empty.innerHTML;
let next = list.dataset.next;
let busy = false;

export function piece(more) {
  const rest = new URLSearchParams(more).toString();
  const address = `/moderate/items?${[query, rest].filter(Boolean).join("&")}`;
  return fetch(address, { redirect: "manual" }).then((answer) => {
    if (!answer.ok) throw new Error(answer.status);
    return answer.text();
  });
}

export function start() {
  if (link) link.hidden = true;
  new MutationObserver(fill).observe(list, { childList: true });
  fill();
}

export async function fill() {
  if (next && deck.count() === 0) empty.innerHTML = "<p>Fetching more…</p>";
  if (busy || !next || deck.count() >= LOW) return;
  busy = true;
  try {
    next = deck.add(await piece({ cursor: next }), acts.isDealt).next;
  } catch {
    // Tried again with the next act, and when the connection is back.
    setTimeout(fill, 3000);
  }
  busy = false;
  if (!next && deck.count() === 0) finish();
  else fill();
}

function finish() {
  empty.innerHTML = document.querySelector("[data-finished]")?.innerHTML || said;
}

// Brings these comments in, next after the one in focus.
export async function bring(ids) {
  const more = ids.slice(0, 50).map((id) => ["id", id]);
  return deck.add(await piece(more), () => false, true).added;
}

// Shows a comment anew that has changed but still waits.
export async function renew(id) {
  const box = document.createElement("template");
  box.innerHTML = await piece([["id", id]]);
  const item = box.content.querySelector("[data-items] > *");
  if (item) deck.renew(item.outerHTML);
  return Boolean(item);
}
