/** What a screen reader is told: answers as they are given, and what is on the screen then. */

/**
 * @typedef {import("../types.js").HistoryEntry} HistoryEntry
 * @typedef {import("./screen.js").Screen} Screen
 */

const MAX_ANNOUNCED_CHARACTERS = 600; // of an item that is read out

export class Announcer {
  /** @param {HTMLElement} live @param {Screen} screen */
  constructor(live, screen) {
    this.live = live;
    this.screen = screen;
  }

  /** @param {string} text */
  announce(text) {
    this.live.textContent = text;
  }

  /** What is on the screen. */
  describeCurrent() {
    const { current, inGrid, widget } = this.screen;
    if (!current) return gettext("Nothing left for now.");
    const [{ item, suggestion }] = current;
    if (!inGrid) return widget.summary(item.content, MAX_ANNOUNCED_CHARACTERS, item);
    const values = { n: current.length, label: widget.describe(suggestion).name };
    return interpolate(gettext("%(n)s images of which the model says: %(label)s"), values, true);
  }

  /** @param {HistoryEntry[]} entries */
  announceAnswered(entries) {
    const values = { answer: this.screen.history.describe(entries).name, text: this.describeCurrent() };
    this.announce(interpolate(gettext("Answered: %(answer)s. Next: %(text)s"), values, true));
  }

  /** @param {string} answer that was undone, in words */
  announceUndone(answer) {
    const values = { answer, text: this.describeCurrent() };
    this.announce(interpolate(gettext("Taken back: %(answer)s. %(text)s"), values, true));
  }
}
