// How much waits in each queue, as the tabs above say it.

const here = document.querySelector("[data-queue][aria-current]")?.dataset.queue;

function shown(queue) {
  return document.querySelector(`[data-queue="${CSS.escape(queue)}"] .count`);
}

function add(queue, by) {
  const place = queue && shown(queue);
  if (place) place.textContent = Math.max(0, Number(place.textContent) + by);
}

// One more or less waits here, and elsewhere where it was passed on.
export function change(by, elsewhere, there) {
  add(here, by);
  add(elsewhere, there);
}

export function set(counts) {
  for (const tab of document.querySelectorAll("[data-queue]")) {
    const place = tab.querySelector(".count");
    if (place && counts[tab.dataset.queue] !== undefined) place.textContent = counts[tab.dataset.queue];
  }
}
