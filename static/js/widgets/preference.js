/**
 * Preferences: two things side by side, on a phone one above the other. Value: {"labels": ["left" | "right" | "same"]}.
 *
 * Besides the keys of the labels: the arrows to the left and right, and 0 or the arrow down for no difference.
 */

import { makeFields, summary as summaryOf } from "../annotate/fields.js";
import { oneLabel } from "../annotate/onelabel.js";

const SIDES = ["left", "right"];
const KEYS = { ArrowLeft: "left", ArrowRight: "right", ArrowDown: "same", 0: "same" };

/** @param {{reading: HTMLElement, controls: HTMLElement, labels: object[], columns: string[], answer: Function}} options */
export default function preference({ reading, controls, labels, columns, answer }) {
  const cards = makeCards(reading, labels, columns);
  const label = oneLabel({ controls, labels, answer });
  return {
    ...label,
    show: (row) => cards.show(row.item.content),
    clear: () => cards.clear(),
    key(event) {
      const index = labels.findIndex(({ name }) => name === KEYS[event.key]);
      if (index < 0 || !cards.shown) return label.key(event);
      label.press(index, event);
      return true;
    },
    summary: ({ left, right, fields }, most) => `${left} | ${right}: ${summaryOf({ fields }, columns, most)}`.slice(0, most),
  };
}

/** A card for each side, under what is known of both. */
function makeCards(reading, labels, columns) {
  const both = makeFields(reading, columns);
  const box = document.createElement("div");
  box.className = "pr-sides";
  reading.append(box);
  const cards = SIDES.map((side) => {
    const card = document.createElement("section");
    card.className = "pr-side";
    const title = document.createElement("h2");
    title.dir = "auto";
    card.setAttribute("aria-label", labels.find(({ name }) => name === side)?.words ?? side);
    card.append(title);
    box.append(card);
    const own = columns.filter((name) => name.startsWith(`${side}.`)).map((name) => name.slice(side.length + 1));
    return { side, title, fields: makeFields(card, own) };
  });
  return {
    shown: false,
    show(content) {
      const given = Object.entries(content.fields ?? {});
      both.show(Object.fromEntries(given.filter(([name]) => !SIDES.some((side) => name.startsWith(`${side}.`)))));
      for (const { side, title, fields } of cards) {
        title.textContent = content[side];
        fields.show(Object.fromEntries(given.filter(([name]) => name.startsWith(`${side}.`)).map(([name, value]) => [name.slice(side.length + 1), value])));
      }
      this.shown = true;
    },
    clear() {
      both.clear();
      for (const { title, fields } of cards) {
        title.textContent = "";
        fields.clear();
      }
      this.shown = false;
    },
  };
}
