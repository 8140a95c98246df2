/** Keep what is leased to this person while they are at work, and check it after an absence. */

/**
 * @typedef {import("../types.js").Assignment} Assignment
 * @typedef {import("./screen.js").Screen} Screen
 */

const MAX_ABSENCE_MS = 60_000; // after a longer one others may have what was leased
const RENEWAL_MS = 240_000;

/** @param {Screen} screen */
export function keepLeases(screen) {
  let hiddenAt = 0;
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      hiddenAt = Date.now();
      return;
    }
    screen.progress.refresh(screen.outbox);
    if (!screen.current) screen.checkForItems();
    else if (Date.now() - hiddenAt > MAX_ABSENCE_MS) checkLeases(screen, screen.current);
  });
  setInterval(() => renewLeases(screen), RENEWAL_MS);
}

/** A person who reads a long text is at work: fetching renews the leases. @param {Screen} screen */
function renewLeases({ buffer, current, outbox }) {
  if (!document.hidden && current && !outbox.isOffline) buffer.fill().catch(() => {});
}

/** Keep on the screen what is still leased to this person. @param {Screen} screen @param {Assignment[]} shown */
async function checkLeases(screen, shown) {
  const { buffer } = screen;
  screen.current = null; // so that the server's reply may name it
  try {
    await buffer.reload();
  } catch {
    screen.current ??= shown; // offline: carry on with what is on the screen
    return;
  }
  if (screen.current) return; // something else is on the screen by now
  const leased = new Set(buffer.assignments.map(({ item }) => item.id));
  const kept = shown.filter(({ item }) => leased.has(item.id));
  for (const { item } of kept) buffer.drop(item.id);
  if (kept.length === shown.length) screen.current = shown;
  else if (kept.length) screen.show(kept);
  else screen.next();
}
