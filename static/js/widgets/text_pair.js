/**
 * Pairs of texts: side by side, on a phone one above the other, with a button for each label. Value: {"labels": [name]}.
 */

import { singleLabel } from "../annotate/single_label.js";
import { makeText, summary } from "../annotate/text.js";

const KEYS = ["text_a", "text_b"];

/** @type {import("../types.js").MakeWidget} */
export default function makeTextPair({ reading, controls, labels, topLabels, answer }) {
  const pair = document.createElement("div");
  pair.className = "pr-sides";
  reading.append(pair);
  const texts = [gettext("First text"), gettext("Second text")].map((name) => {
    const card = document.createElement("section");
    card.className = "pr-side";
    card.setAttribute("aria-label", name);
    pair.append(card);
    return makeText(card);
  });
  return {
    ...singleLabel({ controls, labels, topLabels, answer }),
    show({ item }) {
      texts.forEach((text, index) => (text.textContent = item.content[KEYS[index]]));
    },
    clear() {
      for (const text of texts) text.textContent = "";
    },
    summary: (content, maxLength) => summary({ text: KEYS.map((key) => content[key]).join(" | ") }, maxLength),
  };
}
