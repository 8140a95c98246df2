/**
 * Preferences: two things side by side, on a phone one above the other, long ones a swipe away. Value: {"labels": ["left" | "right" | "same"]}.
 *
 * Besides the keys of the labels: the arrows to the left and right, and 0 or the arrow down for no difference.
 */

import { makeFields, summary as summaryOf } from "../annotate/fields.js";
import { oneLabel } from "../annotate/single_label.js";

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
      if (index < 0 || !cards.shown || cards.scrolls(event)) return label.key(event);
      label.press(index, event);
      return true;
    },
    summary: ({ left, right, fields }, most) =>
      `${left} | ${right}: ${summaryOf({ fields }, columns, most)}`.slice(0, most),
  };
}

/** A card for each side, under what is known of both. */
function makeCards(reading, labels, columns) {
  const both = makeFields(reading, columns);
  const box = document.createElement("div");
  box.className = "pr-sides";
  const words = SIDES.map((side) => labels.find(({ name }) => name === side)?.words ?? side);
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", words.join(", "));
  new ResizeObserver(() => letScroll(box)).observe(box);
  reading.append(box);
  const cards = SIDES.map((side, place) => {
    const card = document.createElement("section");
    card.className = "pr-side";
    const title = document.createElement("h2");
    title.dir = "auto";
    card.setAttribute("aria-label", words[place]);
    card.append(title);
    box.append(card);
    const own = columns.filter((name) => name.startsWith(`${side}.`)).map((name) => name.slice(side.length + 1));
    return { side, title, fields: makeFields(card, own) };
  });
  return {
    shown: false,
    /** Whether a key goes from one card to the other: an arrow, where both have not the room. */
    scrolls: (event) => event.target === box && event.key.startsWith("Arrow"),
    show(content) {
      const given = Object.entries(content.fields ?? {});
      both.show(Object.fromEntries(given.filter(([name]) => !SIDES.some((side) => name.startsWith(`${side}.`)))));
      for (const { side, title, fields } of cards) {
        title.textContent = content[side];
        fields.show(
          Object.fromEntries(
            given
              .filter(([name]) => name.startsWith(`${side}.`))
              .map(([name, value]) => [name.slice(side.length + 1), value]),
          ),
        );
      }
      box.scrollTo({ left: 0, behavior: "instant" });
      letScroll(box);
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

/** Where one of the cards is out of sight, keys reach it too. */
function letScroll(box) {
  if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  else box.removeAttribute("tabindex");
}
