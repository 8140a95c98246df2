/** Ratings: shows a product, and whose rating is wanted, with a button for each number of the scale. Value: {"rating": 4}. */

import { makeFields, summary } from "../annotate/fields.js";
import { LabelButtons } from "../annotate/label_buttons.js";
import { keyOf } from "../annotate/shortcuts.js";
import { find, span } from "../dom.js";

/** @typedef {import("../types.js").Content} Content */

const USER_PREFIX = "user."; // of columns that describe the user
const MAX_STARS = 5;

/** @type {import("../types.js").MakeWidget} */
export default function makeRatings({ reading, controls, labels, columns, answer }) {
  const card = makeCard(reading, columns);
  const numbers = labels.map(({ name }) => Number(name));
  /** @param {number} index @param {Event} event */
  const press = (index, event) => answer({ rating: numbers[index] }, event);
  const buttons = new LabelButtons(controls, labels, press);
  if (isStarScale(numbers)) addStars(buttons.buttons, numbers);
  else showDescriptions(buttons.buttons, labels);
  /** @param {import("../types.js").AnswerValue|null} value */
  const nameOf = (value) => (value ? String(value.rating) : "");
  return {
    press,
    handleKey: (event) => keyOf(event) === "/" && buttons.focusFilter(),
    show: ({ item }) => card.show(item.content),
    clear: () => card.clear(),
    accept: (value) => answer(value),
    suggest: (value, score) => buttons.suggest(value ? [nameOf(value)] : [], score),
    describe(value) {
      const label = labels.find(({ name }) => name === nameOf(value));
      return { name: label?.description || nameOf(value), color: label?.color ?? "" };
    },
    summary({ user, thing, fields }, maxLength) {
      return `${user}: ${summary({ fields }, columns, maxLength) || thing}`.slice(0, maxLength);
    },
  };
}

/** The product with what is known of it, under a line that says whose rating is wanted.
 * @param {HTMLElement} reading @param {string[]} columns */
function makeCard(reading, columns) {
  const question = document.createElement("p");
  question.className = "ra-question";
  question.dir = "auto";
  reading.append(question);
  const productName = gettext("Thing");
  const productFields = makeFields(reading, [productName, ...columns]);
  return {
    /** @param {Content} content */
    show({ user, thing, fields = {} }) {
      const ofUser = Object.entries(fields).filter(([name]) => name.startsWith(USER_PREFIX));
      const ofProduct = Object.entries(fields).filter(([name]) => !name.startsWith(USER_PREFIX));
      const attributes = ofUser.map(([name, value]) => `${name.slice(USER_PREFIX.length)}: ${value}`);
      const values = { user: [user, ...attributes].join(", ") };
      question.textContent = interpolate(gettext("What does %(user)s think of this?"), values, true);
      productFields.show({ [productName]: thing, ...Object.fromEntries(ofProduct) });
    },
    clear() {
      question.textContent = "";
      productFields.clear();
    },
  };
}

/** Whether the scale is one of whole or half stars. @param {number[]} numbers */
export function isStarScale(numbers) {
  if (numbers.length < 3 || Math.max(...numbers) !== MAX_STARS || Math.min(...numbers) <= 0) return false;
  return numbers.every((number) => Number.isInteger(2 * number));
}

/** A number that means something is called so: like, dislike.
 * @param {HTMLButtonElement[]} buttons @param {import("../types.js").Label[]} labels */
function showDescriptions(buttons, labels) {
  buttons.forEach((button, index) => {
    const { description } = labels[index];
    if (description) find(button, ".an-label__name").textContent = description;
  });
}

/** Show each number as stars beside its name. @param {HTMLButtonElement[]} buttons @param {number[]} numbers */
function addStars(buttons, numbers) {
  buttons.forEach((button, index) => {
    const stars = span("ra-stars", "★".repeat(Math.floor(numbers[index])) + (numbers[index] % 1 ? "½" : ""));
    stars.setAttribute("aria-hidden", "true");
    find(button, ".an-label__name").append(stars);
  });
}
