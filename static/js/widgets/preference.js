/**
 * Preferences: two candidates side by side, on a phone one above the other, long ones a swipe away. Value: {"labels": ["left" | "right" | "same"]}.
 *
 * Besides the keys of the labels: the arrows to the left and right, and 0 or the arrow down for no difference; where
 * there is more to read, the arrow down scrolls to it first.
 */

import { makeFields, summary as summaryOfFields } from "../annotate/fields.js";
import { pixelsBelow } from "../annotate/reading_pane.js";
import { singleLabel } from "../annotate/single_label.js";

/** @typedef {import("../types.js").Content} Content */

const SIDES = ["left", "right"];
const LABEL_OF_KEY = new Map([
  ["ArrowLeft", "left"],
  ["ArrowRight", "right"],
  ["ArrowDown", "same"],
  ["0", "same"],
]);

/** @type {import("../types.js").MakeWidget} */
export default function makePreference({ reading, controls, labels, columns, answer }) {
  const names = SIDES.map((side) => labels.find(({ name }) => name === side)?.words ?? side);
  const pair = new Pair(reading, columns, names);
  const label = singleLabel({ controls, labels, answer });
  const pane = /** @type {HTMLElement} */ (reading.closest(".an-reading") ?? reading);
  return {
    ...label,
    show: ({ item }) => pair.show(item.content),
    clear: () => pair.clear(),
    handleKey(event) {
      const index = labels.findIndex(({ name }) => name === LABEL_OF_KEY.get(event.key));
      if (index < 0 || !pair.isShown || pair.scrollsWith(event)) return label.handleKey(event);
      if (event.key === "ArrowDown" && pixelsBelow(pane)) return false;
      label.press(index, event);
      return true;
    },
    summary({ left, right, fields }, maxLength) {
      return `${left} | ${right}: ${summaryOfFields({ fields }, columns, maxLength)}`.slice(0, maxLength);
    },
  };
}

/** A card for each side, under what is known of both. */
class Pair {
  /** @param {HTMLElement} reading @param {string[]} columns @param {string[]} names of the sides */
  constructor(reading, columns, names) {
    this.isShown = false;
    this.shared = makeFields(reading, columns);
    this.box = document.createElement("div");
    this.box.className = "pr-sides";
    this.box.setAttribute("role", "group");
    this.box.setAttribute("aria-label", names.join(", "));
    new ResizeObserver(() => this.updateTabStop()).observe(this.box);
    reading.append(this.box);
    this.cards = SIDES.map((side, index) => this.makeCard(side, names[index], columns));
  }

  /** @param {string} side @param {string} name @param {string[]} columns */
  makeCard(side, name, columns) {
    const card = document.createElement("section");
    card.className = "pr-side";
    card.setAttribute("aria-label", name);
    const title = document.createElement("h2");
    title.dir = "auto";
    card.append(title);
    this.box.append(card);
    const prefix = `${side}.`;
    const own = columns.filter((column) => column.startsWith(prefix)).map((column) => column.slice(prefix.length));
    return { side, prefix, title, fields: makeFields(card, own) };
  }

  /** Whether a key scrolls from one card to the other: an arrow, where there is no room for both. @param {KeyboardEvent} event */
  scrollsWith(event) {
    return event.target === this.box && event.key.startsWith("Arrow");
  }

  /** @param {Content} content */
  show(content) {
    const entries = Object.entries(content.fields ?? {});
    const isShared = (/** @type {string} */ column) => !this.cards.some(({ prefix }) => column.startsWith(prefix));
    this.shared.show(Object.fromEntries(entries.filter(([column]) => isShared(column))));
    for (const { side, prefix, title, fields } of this.cards) {
      title.textContent = content[side];
      const own = entries.filter(([column]) => column.startsWith(prefix));
      fields.show(Object.fromEntries(own.map(([column, value]) => [column.slice(prefix.length), value])));
    }
    this.box.scrollTo({ left: 0, behavior: "instant" });
    this.updateTabStop();
    this.isShown = true;
  }

  clear() {
    this.shared.clear();
    for (const { title, fields } of this.cards) {
      title.textContent = "";
      fields.clear();
    }
    this.isShown = false;
  }

  /** Where one of the cards is out of sight, keys reach it too. */
  updateTabStop() {
    if (this.box.scrollWidth > this.box.clientWidth) this.box.tabIndex = 0;
    else this.box.removeAttribute("tabindex");
  }
}
