// What others do: a stream of events, or asking every few seconds where there is no stream.

import * as acts from "./acts.js";
import * as deck from "./deck.js";
import * as more from "./more.js";
import * as outbox from "./outbox.js";
import * as strip from "./strip.js";
import * as tabs from "./tabs.js";

const query = document.body.dataset.query;
const button = document.querySelector("[data-fresh]");
const ASK = 5000; // milliseconds between two questions
const AGAIN = 120_000; // and until a stream is tried again
const LINGER = 1500; // how long what somebody else decided stays to be seen
const fresh = new Set(); // comments that have come and are not shown yet
let last = "";

const address = (extra) => `/moderate/live?${[query, extra].filter(Boolean).join("&")}`;

export function start() {
  button.addEventListener("click", insert);
  listen();
}

function listen() {
  if (!("EventSource" in window)) return ask(Infinity);
  const stream = new EventSource(address(last && `after=${last}`));
  stream.onmessage = (event) => {
    last = event.lastEventId;
    hear(JSON.parse(event.data));
  };
  stream.onerror = () => {
    // While it is connecting it tries by itself; closed is for good.
    if (stream.readyState === EventSource.CLOSED) ask(Date.now() + AGAIN);
  };
}

async function ask(until) {
  try {
    const answer = await fetch(address(`poll=1&after=${last}`), { redirect: "manual" });
    if (answer.ok) {
      const news = await answer.json();
      last = news.last;
      hear(news);
    }
  } catch {
    // The outbox says that there is no connection.
  }
  if (Date.now() > until) listen();
  else setTimeout(ask, ASK, until);
}

function hear(news) {
  for (const one of news.changes) change(one);
  for (const id of news.arrived) if (!deck.find(id) && !acts.isDealt(id)) fresh.add(id);
  if (news.counts && !outbox.count()) tabs.set(news.counts);
  offer();
  if (!deck.count()) insert();
}

function change(one) {
  if (!one.waits) fresh.delete(one.id);
  const item = deck.find(one.id);
  if (!item || one.version <= deck.version(one.id) || outbox.has(one.id)) return;
  if (one.waits) more.renew(one.id).catch(() => {});
  else leave(item, one);
}

// Marks a comment with what was done and by whom; then it goes.
export function leave(item, one) {
  if (item.dataset.gone) return;
  item.dataset.gone = "yes";
  const words = one.by ? `${one.says} by ${one.by}` : "No longer here";
  const mark = document.createElement("p");
  mark.className = "notice taken";
  mark.textContent = words;
  item.querySelector(".card")?.prepend(mark);
  deck.entry(one.id)?.classList.add("gone");
  strip.announce(words);
  setTimeout(() => item.isConnected && deck.take(item), LINGER);
}

function offer() {
  button.hidden = fresh.size === 0;
  const words = `${fresh.size} new`;
  if (button.textContent === words || !fresh.size) return;
  button.textContent = words;
  strip.announce(words);
}

export async function insert() {
  const ids = [...fresh];
  if (!ids.length) return;
  fresh.clear();
  offer();
  try {
    await more.bring(ids);
  } catch {
    for (const id of ids) fresh.add(id);
    offer();
  }
}
