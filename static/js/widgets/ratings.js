/** Ratings: shows a thing, and who is asked about it, with a button for each number of the scale. Value: {"rating": 4}. */

import { makeFields, summary } from "../annotate/fields.js";
import { LabelButtons } from "../annotate/label_buttons.js";

const OF_USER = "user."; // begins the columns that tell about the user
const STARS = 5;

/** @param {{reading: HTMLElement, controls: HTMLElement, labels: object[], columns: string[], answer: Function}} options */
export default function ratings({ reading, controls, labels, columns, answer }) {
  const card = makeCard(reading, columns);
  const numbers = labels.map(({ name }) => Number(name));
  const press = (index, event) => answer({ rating: numbers[index] }, event);
  const buttons = new LabelButtons(controls, labels, press);
  if (isOfStars(numbers)) dress(buttons.buttons, numbers);
  else rename(buttons.buttons, labels);
  const nameOf = (value) => (value ? String(value.rating) : "");
  return {
    press,
    key: (event) => event.key === "/" && buttons.find(),
    show: (row) => card.show(row.item.content),
    clear: () => card.clear(),
    accept: (value) => answer(value),
    suggest: (value, score) => buttons.suggest(value ? [nameOf(value)] : [], score),
    describe(value) {
      const label = labels.find(({ name }) => name === nameOf(value));
      return { name: label?.description || nameOf(value), color: label?.color ?? "" };
    },
    summary: ({ user, thing, fields }, most) =>
      `${user}: ${summary({ fields: { ...fields } }, columns, most) || thing}`.slice(0, most),
  };
}

/** The thing with what is known of it, under a line that says whose rating is wanted. */
function makeCard(reading, columns) {
  const who = document.createElement("p");
  who.className = "ra-who";
  who.dir = "auto";
  reading.append(who);
  const fields = makeFields(reading, [gettext("Thing"), ...columns]);
  return {
    show({ user, thing, fields: given = {} }) {
      const of = (mine) => Object.entries(given).filter(([name]) => name.startsWith(OF_USER) === mine);
      const about = of(true).map(([name, value]) => `${name.slice(OF_USER.length)}: ${value}`);
      who.textContent = interpolate(
        gettext("What does %(user)s think of this?"),
        { user: [user, ...about].join(", ") },
        true,
      );
      fields.show({ [gettext("Thing")]: thing, ...Object.fromEntries(of(false)) });
    },
    clear() {
      who.textContent = "";
      fields.clear();
    },
  };
}

/** Whether the scale is one of whole or half stars. */
function isOfStars(numbers) {
  return (
    numbers.length > 2 &&
    Math.max(...numbers) === STARS &&
    Math.min(...numbers) > 0 &&
    numbers.every((number) => Number.isInteger(2 * number))
  );
}

/** A number that means something is called so: like, dislike. */
function rename(buttons, labels) {
  buttons.forEach((button, index) => {
    const { description } = labels[index];
    if (description) button.querySelector(".an-label__name").textContent = description;
  });
}

/** Show each number as stars beside its name. */
function dress(buttons, numbers) {
  buttons.forEach((button, index) => {
    const stars = document.createElement("span");
    stars.className = "ra-stars";
    stars.setAttribute("aria-hidden", "true");
    stars.textContent = "★".repeat(Math.floor(numbers[index])) + (numbers[index] % 1 ? "½" : "");
    button.querySelector(".an-label__name").append(stars);
  });
}
