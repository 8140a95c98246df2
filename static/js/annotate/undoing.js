/** Bring answers back to the screen: those that are undone, and those that the server rejected. */

/**
 * @typedef {import("../types.js").HistoryEntry} HistoryEntry
 * @typedef {import("./screen.js").Screen} Screen
 * @typedef {import("./store.js").Operation} Operation
 */

/** Undo the last answer, and again the one before: across everything that the person has answered here.
 * @param {Screen} screen */
export async function undoLast(screen) {
  if (!screen.firstLook.allows("undo")) return;
  try {
    const entries = await screen.history.last();
    if (entries) undo(screen, entries);
  } catch {
    screen.announcer.announce(gettext("Older answers cannot be loaded now."));
  }
}

/** Undo answers and show their items again. @param {Screen} screen @param {HistoryEntry[]} entries */
export function undo(screen, entries) {
  const { buffer, history, outbox, progress } = screen;
  if (!outbox.store) return;
  const answer = history.describe(entries).name;
  for (const { uuid, row } of entries) {
    history.remove(uuid);
    buffer.answeredItems.delete(row.item.id);
    buffer.drop(row.item.id);
  }
  if (entries.length > 1) screen.grid?.restoreMarks(entries);
  showAgain(screen, entries);
  for (const entry of entries) {
    outbox.undo(entry.uuid, entry.row.item.id);
    progress.count(entry, -1);
  }
  screen.announcer.announceUndone(answer);
  screen.focusItem();
}

/** Bring an answer that the server rejected back to the screen. @param {Screen} screen @param {Operation} operation */
export function answerAgain(screen, operation) {
  forget(screen, operation);
  screen.buffer.answeredItems.delete(operation.item);
  if (operation.entry) showAgain(screen, [operation.entry]);
}

/** Forget an answer that the server rejected. @param {Screen} screen @param {Operation} operation */
export function forget({ outbox, history, progress }, { id, uuid, entry }) {
  outbox.discard(id);
  history.remove(uuid);
  if (entry) progress.count(entry, -1);
}

/** Show in the history, and count, what an earlier page could not send any more.
 * @param {Screen} screen @param {Operation} operation */
export function restore({ history, progress }, { kind, uuid, entry }) {
  const shown = history.log.find(uuid);
  if (kind === "undo") {
    history.remove(uuid);
    if (shown) progress.count(shown, -1);
  } else if (!shown && entry) {
    history.add([entry], { fresh: false });
    progress.count(entry, 1);
  }
}

/** Show items with their answers; what is on the screen comes next. @param {Screen} screen @param {HistoryEntry[]} entries */
function showAgain(screen, entries) {
  if (screen.current) screen.buffer.putBack(screen.current);
  screen.show(entries.map(({ row }) => row));
  const [{ value }] = entries;
  if (screen.assignment && value) screen.widget.setValue?.(value);
}
