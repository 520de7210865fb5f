// Where the site wants claims: has what is in focus, and what comes next, kept from others.

import * as deck from "./deck.js";

const AHEAD = 2; // comments after the one in focus
const AGAIN = 60_000; // milliseconds until a claim is made to last longer
const mine = new Map(); // when each was claimed last
let leave = () => {};

export function start(taken) {
  if (document.body.dataset.claims !== "required") return;
  leave = taken;
  deck.onShow(() => setTimeout(claimAll));
  setInterval(claimAll, AGAIN);
  claimAll();
}

function claimAll() {
  let item = deck.current();
  for (let ahead = 0; item && ahead <= AHEAD; ahead++) {
    claim(item);
    item = item.nextElementSibling;
  }
}

async function claim(item) {
  const id = item.dataset.id;
  if (item.dataset.gone || Date.now() - (mine.get(id) || 0) < AGAIN - 1000) return;
  mine.set(id, Date.now());
  try {
    const path = `/moderate/comments/${encodeURIComponent(id)}/claim`;
    const answer = await fetch(path, { method: "POST", redirect: "manual" });
    if (answer.status !== 409) return;
    const { by } = await answer.json();
    leave(item, { id, by, says: "Claimed" });
  } catch {
    mine.delete(id);
  }
}
