// Deciding: the next comment is there at once, the act is sent behind it; undo, and reasons after.

import * as choosing from "./choosing.js";
import * as deck from "./deck.js";
import * as outbox from "./outbox.js";
import * as strip from "./strip.js";
import * as tabs from "./tabs.js";

const SAYS = { approve: "Approved", reject: "Rejected", escalate: "Escalated", skip: "Skipped" };
const BECOMES = { approve: "approved", reject: "rejected", escalate: "pending", skip: "pending" };
const asked = (document.body.dataset.ask || "").split(" ").filter(Boolean);
const past = []; // groups of acts, latest last
const dealt = new Set(); // comments that left by an act of this page

export const isDealt = (id) => dealt.has(id) || outbox.has(id);

function textOf(item) {
  const text = item.querySelector(".text, .quote")?.textContent || "";
  return text.length > 140 ? `${text.slice(0, 140)}…` : text;
}

function path(item, what) {
  return `/moderate/comments/${encodeURIComponent(item.dataset.id)}/${what}`;
}

function formOf(item, action, given) {
  const form = { action, version: deck.version(item.dataset.id), ...given };
  const chosen = item.querySelector("form.actions");
  for (const name of ["reason", "queue"]) {
    const value = form[name] ?? chosen?.elements[name]?.value;
    if (value) form[name] = value;
    else delete form[name];
  }
  if (action !== "escalate") delete form.queue;
  return form;
}

// Asks first where the site wants that, else acts at once.
export async function decide(action, items, given = {}) {
  const open = items.filter((one) => one?.querySelector(".card") && !one.dataset.gone);
  if (!open.length) return deck.step(1);
  if (action === "escalate" && given.queue === undefined && choosing.hasTargets()) {
    const queue = await choosing.target();
    if (queue === undefined) return;
    given = { ...given, queue };
  }
  if (asked.includes(action) && !given.reason && !open[0].querySelector("[name=reason]")?.value) {
    const reason = await choosing.reason(action);
    if (reason === undefined) return;
    given = { ...given, reason };
  }
  act(action, open, given);
}

function act(action, items, given) {
  const many = items.length > 1;
  const group = {
    action,
    says: many ? `${SAYS[action]}: ${items.length} comments` : SAYS[action],
    becomes: BECOMES[action],
    quote: textOf(items[0]),
    harsh: Boolean(items[0].querySelector("[data-harsh]")),
    reason: given.reason,
    acts: items.map((item) => {
      const form = formOf(item, action, given);
      const where = path(item, "decision");
      return { item, form, where, taken: deck.take(item) };
    }),
  };
  for (const one of group.acts) {
    const id = one.item.dataset.id;
    dealt.add(id);
    tabs.change(-1, placeOf(one, action), 1);
    one.keys = [outbox.add({ id, path: one.where, form: one.form, says: SAYS[action] }).key];
  }
  past.push(group);
  strip.show(group);
}

function placeOf(one, action) {
  return action === "escalate" ? one.form.queue || "escalated" : null;
}

// Says why the last decision was made: by changing it while it is unsent, else by sending more.
export function because(code) {
  const group = past.at(-1);
  if (!group || !code || code === group.reason || group.action === "skip") return;
  group.reason = code;
  for (const one of group.acts) {
    one.form = { ...one.form, reason: code };
    if (outbox.amend(one.keys.at(-1), "reason", code)) continue;
    const id = one.item.dataset.id;
    const more = { id, path: one.where, form: one.form, says: SAYS[group.action] };
    one.keys.push(outbox.add(more).key);
  }
  strip.show(group);
  strip.announce(`because: ${code}`);
}

// Takes the last act back, and a reason that was sent after it; of what was not sent nobody ever
// hears.
export function undo() {
  const group = past.pop();
  if (!group) return document.querySelector(".banner .undo")?.requestSubmit();
  for (const one of group.acts.toReversed()) {
    const id = one.item.dataset.id;
    dealt.delete(id);
    tabs.change(1, placeOf(one, group.action), -1);
    deck.put(one.taken);
    const sent = one.keys.toReversed().filter((key) => !outbox.recall(key));
    if (!sent.length) continue;
    const form = { version: deck.version(id) };
    if (group.action === "skip") form.skipped = "yes";
    else if (sent.length > 1) form.whole = "yes";
    outbox.add({ id, path: path(one.item, "undo"), form, says: "Undone" });
  }
  strip.show(past.at(-1));
  strip.announce("Undone. The comment waits again.");
}

// The server has done what the page showed already.
export function confirm(act, answer) {
  if (answer.version) deck.setVersion(act.id, answer.version);
  if (answer.says && answer.says.startsWith("Noted")) strip.announce(answer.says);
}

// The server has not done it: the comment comes back as it stands now.
export function rollBack(act, answer) {
  outbox.dropAll(act.id);
  dealt.delete(act.id);
  const group = past.find((one) => one.acts.some((each) => each.item.dataset.id === act.id));
  const one = group?.acts.find((each) => each.item.dataset.id === act.id);
  if (group) {
    group.acts.splice(group.acts.indexOf(one), 1);
    if (!group.acts.length) past.splice(past.indexOf(group), 1);
    tabs.change(1, placeOf(one, group.action), -1);
  }
  strip.show(past.at(-1));
  const quote = one ? textOf(one.item) : "";
  if (answer.error === 409 && answer.html.includes('class="item')) {
    const { fresh, waits } = deck.renew(answer.html, one?.taken.line);
    const notice = fresh.querySelector(".notice")?.textContent.replace(/\s+/g, " ").trim();
    strip.toast(`Not ${act.says.toLowerCase()}. ${notice || ""}`, quote);
    if (!waits) deck.find(act.id)?.remove();
    return;
  }
  if (answer.error === 404) return strip.toast("This comment is no longer there.", quote);
  if (one) deck.put(one.taken, false);
  strip.toast(`Not ${act.says.toLowerCase()}: ${reasonOf(answer.html)}`, quote);
}

function reasonOf(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const said = page.querySelector("[data-detail]")?.textContent;
  return said || "the server did not accept it.";
}

// What was unsent before a reload: on this page those comments are decided already.
export function resume() {
  for (const act of outbox.pending()) {
    const item = deck.find(act.id);
    if (!item || !act.form.action) continue;
    const taken = deck.take(item);
    dealt.add(act.id);
    past.push({
      action: act.form.action,
      says: act.says,
      becomes: BECOMES[act.form.action],
      quote: textOf(item),
      harsh: Boolean(item.querySelector("[data-harsh]")),
      reason: act.form.reason,
      acts: [{ item, form: act.form, where: act.path, taken, keys: [act.key] }],
    });
  }
  if (past.length) strip.show(past.at(-1));
}
