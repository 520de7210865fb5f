// Acts on their way to the server: in order, each with a key of its own, until it has answered.
// What is not sent yet outlives a reload; the server does an act with the same key once.

const name = `winnow-unsent:${document.body.dataset.moderator}`;
const told = { done: () => {}, refused: () => {}, changed: () => {} };
const LONGEST = 30_000; // milliseconds between two tries
const acts = load();
let busy = false;
let tries = 0;
let stopped = false;
let wake = () => {};

export function start(handlers) {
  Object.assign(told, handlers);
  addEventListener("online", () => wake());
  addEventListener("beforeunload", (event) => {
    if (acts.length) event.preventDefault();
  });
  pump();
}

export const count = () => acts.length;
export const isFailing = () => tries > 0 || stopped;
export const isSignedOut = () => stopped;
export const pending = () => [...acts];
export const has = (id) => acts.some((act) => act.id === id);

export function add(act) {
  acts.push({ ...act, key: crypto.randomUUID() });
  save();
  // After the next comment is painted.
  setTimeout(pump);
  return acts.at(-1);
}

// Forgets an act that was not tried yet; whether there was one.
export function recall(key) {
  const at = acts.findIndex((act) => act.key === key && !act.tried);
  if (at < 0) return false;
  acts.splice(at, 1);
  save();
  return true;
}

// Changes the form of an act that was not tried yet; whether there was one.
export function amend(key, field, value) {
  const act = acts.find((one) => one.key === key && !one.tried);
  if (!act) return false;
  act.form[field] = value;
  save();
  return true;
}

export function dropAll(id) {
  for (let at = acts.length - 1; at >= 0; at--) if (acts[at].id === id) acts.splice(at, 1);
  save();
}

function load() {
  try {
    return JSON.parse(sessionStorage.getItem(name)) || [];
  } catch {
    return [];
  }
}

function save() {
  try {
    if (acts.length) sessionStorage.setItem(name, JSON.stringify(acts));
    else sessionStorage.removeItem(name);
  } catch {
    // A browser that keeps nothing: the warning on leaving remains.
  }
  told.changed();
}

async function pump() {
  if (busy) return;
  busy = true;
  while (acts.length && !stopped) {
    const act = acts[0];
    const answer = await attempt(act);
    if (answer.again) await pause(answer.after);
    else {
      tries = 0;
      if (answer.out) stopped = true;
      else if (acts[0] === act) acts.shift();
      save();
      if (answer.error) told.refused(act, answer);
      else if (!answer.out) told.done(act, answer.json);
    }
  }
  busy = false;
  told.changed();
}

async function attempt(act) {
  if (!act.tried) {
    act.tried = true;
    // Which version is meant is known when those before it are answered; then it never changes,
    // as the server would take another form for another act.
    if (act.form.version !== undefined) act.form.version = told.version(act.id) ?? act.form.version;
    save();
  }
  try {
    const answer = await fetch(act.path, {
      method: "POST",
      body: new URLSearchParams(act.form),
      headers: { "Winnow-Item": "yes", "Idempotency-Key": act.key },
      redirect: "manual",
      signal: AbortSignal.timeout(15_000),
    });
    return await read(answer);
  } catch {
    return { again: true };
  }
}

async function read(answer) {
  if (answer.type === "opaqueredirect" || answer.status === 403) return { out: true };
  if (answer.ok) return { json: await answer.json() };
  const after = Number(answer.headers.get("Retry-After")) * 1000;
  if (after || answer.status === 429 || answer.status >= 500) return { again: true, after };
  return { error: answer.status, html: await answer.text() };
}

function pause(after) {
  tries += 1;
  told.changed();
  const wait = after || Math.min(LONGEST, 400 * 2 ** tries) * (0.75 + Math.random() / 2);
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, wait);
    wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}
