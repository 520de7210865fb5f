// The comments that are on the page: one in focus, the others ready to take its place.

const list = document.querySelector(".items");
const side = document.querySelector(".entries");
const empty = document.querySelector("[data-empty]");
const versions = new Map(); // of each comment, as the server last told this page
let emptied = () => {};
let shown = () => {};

for (const item of list.children) learn(item);

function learn(item) {
  versions.set(item.dataset.id, Number(item.dataset.version));
}

export const current = () => list.querySelector(":scope > .current");
export const all = () => [...list.children];
export const count = () => list.childElementCount;
export const find = (id) => list.querySelector(`:scope > [data-id="${CSS.escape(id)}"]`);
export const entry = (id) => side.querySelector(`:scope > [data-for="${CSS.escape(id)}"]`);
export const version = (id) => versions.get(id);

export function setVersion(id, value) {
  versions.set(id, value);
  const item = find(id);
  if (!item) return;
  item.dataset.version = value;
  for (const field of item.querySelectorAll("input[name=version]")) field.value = value;
}

// Calls back with each comment that comes into focus.
export function onShow(act) {
  shown = act;
}

// Calls back when the last comment has left.
export function onEmpty(act) {
  emptied = act;
}

// Brings a comment into focus; nothing else is laid out by the browser.
export function show(item, focus = true) {
  const before = current();
  if (before && before !== item) {
    before.classList.remove("current");
    entry(before.dataset.id)?.classList.remove("current");
  }
  empty.hidden = Boolean(item);
  side.parentElement.hidden = !item;
  if (!item) {
    if (focus) empty.focus();
    emptied();
    return;
  }
  item.classList.add("current");
  shown(item);
  const line = entry(item.dataset.id);
  line?.classList.add("current");
  if (focus) {
    item.querySelector(".card, .line")?.focus({ preventScroll: true });
    if (scrollY > list.offsetTop) item.scrollIntoView({ block: "start" });
    if (line) keepInView(line);
  }
}

// Only the list at the side is scrolled, not the page.
function keepInView(line) {
  const top = line.offsetTop - side.offsetTop;
  if (top < side.scrollTop) side.scrollTop = top;
  else if (top + line.offsetHeight > side.scrollTop + side.clientHeight) {
    side.scrollTop = top + line.offsetHeight - side.clientHeight;
  }
}

export function step(by) {
  const here = current();
  const next = by > 0 ? here?.nextElementSibling : here?.previousElementSibling;
  show(next || here || list.firstElementChild);
}

// Takes a comment off the page; `put` brings it back to where it was.
export function take(item) {
  const line = entry(item.dataset.id);
  const taken = { item, line, after: item.previousElementSibling?.dataset.id };
  const leads = item.classList.contains("current");
  const next = item.nextElementSibling || item.previousElementSibling;
  const focus = leads && !document.activeElement?.closest("dialog, .narrowing");
  if (leads) show(next, focus);
  item.remove();
  line?.remove();
  item.classList.remove("current");
  line?.classList.remove("current");
  return taken;
}

export function put({ item, line, after }, lead = true) {
  if (find(item.dataset.id)) return;
  const before = after && find(after);
  if (before) before.after(item);
  else list.prepend(item);
  const above = before && entry(after);
  if (line && above) above.after(line);
  else if (line) side.prepend(line);
  if (lead || !current()) show(item);
}

// Puts what the server says now in the place of a comment, or next to the one in focus.
export function renew(html, line) {
  const box = document.createElement("template");
  box.innerHTML = html;
  const fresh = box.content.querySelector(".item");
  learn(fresh);
  const old = find(fresh.dataset.id);
  if (!fresh.querySelector(".card")) return { fresh, waits: false };
  if (old) {
    fresh.classList.toggle("current", old.classList.contains("current"));
    old.replaceWith(fresh);
    if (fresh.classList.contains("current")) fresh.querySelector(".card").focus();
    return { fresh, waits: true };
  }
  const here = current();
  if (line) line.classList.remove("gone");
  put({ item: fresh, line, after: here?.dataset.id }, !here);
  return { fresh, waits: true };
}

// Adds what a piece of a page brings and is not here yet: at the end, or after the one in focus.
export function add(html, skip, soon = false) {
  const box = document.createElement("template");
  box.innerHTML = html;
  const items = box.content.querySelector("[data-items]");
  const lines = box.content.querySelector("[data-entries]");
  const wanted = [...items.children].filter((one) => !find(one.dataset.id) && !skip(one.dataset.id));
  let after = soon ? current() : null;
  for (const item of wanted) {
    const line = lines.querySelector(`[data-for="${CSS.escape(item.dataset.id)}"]`);
    learn(item);
    if (after) {
      after.after(item);
      entry(after.dataset.id)?.after(line);
      after = item;
    } else {
      list.append(item);
      side.append(line);
    }
  }
  if (!current() && list.firstElementChild) show(list.firstElementChild);
  return { next: items.dataset.next, added: wanted.length };
}

// The comments that are ticked, in the order in which they wait.
export function selected() {
  const ticked = [...side.querySelectorAll("input:checked")].map((box) => find(box.value));
  return ticked.filter(Boolean);
}

export function tick(item, on) {
  const box = entry(item.dataset.id)?.querySelector("input");
  if (box) box.checked = on === undefined ? !box.checked : on;
}
