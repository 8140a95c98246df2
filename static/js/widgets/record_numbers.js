/** Numbers for records: shows the columns of a row, takes a number by typing, by steps or by a slider. Value: {"number": 41.5}. */

import { makeBarButton } from "../annotate/bar_button.js";
import { makeFields, summary } from "../annotate/fields.js";
import { NumberInput } from "../annotate/number_input.js";
import { formatNumber } from "../annotate/number_scale.js";
import { find } from "../dom.js";

/** @typedef {import("../types.js").AnswerValue} AnswerValue */

/** @type {import("../types.js").MakeWidget} */
export default function makeRecordNumbers({ reading, controls, columns, scale, answer }) {
  if (!scale) throw new Error("A project of numbers has a scale.");
  const fields = makeFields(reading, columns);
  const input = new NumberInput(controls, scale, submit);
  const slider = find(controls, ".nu-slider");
  const suggestionText = document.createElement("span");
  const acceptButton = makeBarButton(gettext("Accept"), "a", (event) => suggestion && answer(suggestion, event));
  const line = document.createElement("p");
  line.className = "nu-suggestion";
  line.append(suggestionText, acceptButton);
  controls.append(line);
  /** @type {AnswerValue|null} */
  let suggestion = null;

  /** @param {Event} event */
  function submit(event) {
    const number = input.read();
    if (number !== null) answer({ number }, event);
  }

  /** @param {number} number */
  const withUnit = (number) => [formatNumber(number), scale.unit].filter(Boolean).join(" ");

  return {
    submit,
    press() {},
    handleKey: (event) => input.handleKey(event),
    show({ item }) {
      fields.show(item.content.fields);
      input.clear();
    },
    clear() {
      fields.clear();
      input.clear();
    },
    draft: () => (input.number === null ? null : { number: input.number }),
    setValue: ({ number }) => number !== undefined && input.set(number),
    accept: (value) => answer(value),
    /** Show what the model suggests, and the interval that it expects the answer in. */
    suggest(value, halfWidth) {
      const number = value?.number ?? null;
      suggestion = value;
      input.setStart(number);
      acceptButton.hidden = number === null;
      slider.classList.toggle("is-suggested", number !== null);
      suggestionText.textContent = "";
      if (number === null) return;
      const interval = intervalAround(number, halfWidth ?? 0, scale);
      suggestionText.textContent = describeSuggestion(withUnit(number), interval);
      const [from, to] = interval.map((end) => (end - scale.low) / (scale.high - scale.low));
      slider.style.setProperty("--from", String(from));
      slider.style.setProperty("--to", String(to));
    },
    describe: (value) => ({ name: value?.number === undefined ? "" : withUnit(value.number), color: "" }),
    summary: (content, maxLength) => summary(content, columns, maxLength),
  };
}

/** @param {number} number @param {number} halfWidth @param {import("../types.js").Scale} scale */
function intervalAround(number, halfWidth, { low, high }) {
  return [Math.max(low, number - halfWidth), Math.min(high, number + halfWidth)];
}

/** @param {string} number @param {number[]} interval */
function describeSuggestion(number, interval) {
  const [low, high] = interval.map((end) => String(Number(end.toPrecision(3))));
  return interpolate(gettext("suggested: %(number)s (%(low)s to %(high)s)"), { number, low, high }, true);
}
