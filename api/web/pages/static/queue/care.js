// For those who read this all day: a reminder to rest, and a look at what is blurred when wanted.

import * as deck from "./deck.js";

const minutes = Number(document.body.dataset.remind);
const banner = document.querySelector("[data-rest]");
const STORE = "winnow-began";

export function start() {
  if (minutes) remind();
  document.addEventListener("click", (event) => event.target.closest(".text[data-harsh]")?.classList.add("seen"));
}

export function reveal() {
  deck.current()?.querySelector(".text")?.classList.toggle("seen");
}

function remind() {
  const began = Number(sessionStorage.getItem(STORE)) || Date.now();
  sessionStorage.setItem(STORE, began);
  banner.querySelector("button").addEventListener("click", () => {
    sessionStorage.setItem(STORE, Date.now());
    banner.hidden = true;
  });
  setInterval(() => {
    const worked = Math.floor((Date.now() - Number(sessionStorage.getItem(STORE))) / 60_000);
    banner.querySelector("[data-minutes]").textContent = worked;
    banner.hidden = worked < minutes;
  }, 10_000);
}
