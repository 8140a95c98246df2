/** Numbers for records: shows the columns of a row, takes a number by typing, by steps or by a slider. Value: {"number": 41.5}. */

import { barButton } from "../annotate/bar_button.js";
import { makeFields, summary } from "../annotate/fields.js";
import { NumberInput } from "../annotate/number_input.js";

/** @param {{reading: HTMLElement, controls: HTMLElement, columns: string[], scale: object, answer: Function}} options */
export default function recordNumbers({ reading, controls, columns, scale, answer }) {
  const fields = makeFields(reading, columns);
  const input = new NumberInput(controls, scale, submit);
  const accept = barButton(gettext("Accept"), "a", (event) => suggested && answer(suggested, event));
  const band = controls.querySelector(".nu-slider");
  const said = document.createElement("p");
  said.className = "nu-said";
  said.append(document.createElement("span"), accept);
  controls.append(said);
  let suggested = null;

  function submit(event) {
    const number = input.read();
    if (number !== null) answer({ number }, event);
  }

  const worded = (value) => [written(value.number), scale.unit].filter(Boolean).join(" ");

  return {
    submit,
    press() {},
    key: (event) => input.key(event),
    show(row) {
      fields.show(row.item.content.fields);
      input.clear();
    },
    clear() {
      fields.clear();
      input.clear();
    },
    fill: (value) => input.set(value.number),
    accept: (value) => answer(value),
    /** Say what the model suggests, and between what it expects the answer; null takes it away. */
    suggest(value, half) {
      suggested = value;
      input.begin(value?.number ?? null);
      accept.hidden = !value;
      band.classList.toggle("is-suggested", Boolean(value));
      said.firstChild.textContent = value ? suggestion(worded(value), ends(value.number, half, scale)) : "";
      if (!value) return;
      const [low, high] = ends(value.number, half, scale).map((end) => (end - scale.low) / (scale.high - scale.low));
      band.style.setProperty("--from", String(low));
      band.style.setProperty("--to", String(high));
    },
    describe: (value) => ({ name: value ? worded(value) : "", color: "" }),
    summary: (content, most) => summary(content, columns, most),
  };
}

const written = (number) => String(Number(number.toPrecision(12)));

function ends(number, half, { low, high }) {
  return [Math.max(low, number - (half ?? 0)), Math.min(high, number + (half ?? 0))];
}

function suggestion(number, [low, high]) {
  const digits = (end) => String(Number(end.toPrecision(3)));
  return interpolate(
    gettext("suggested: %(number)s (%(low)s to %(high)s)"),
    { number, low: digits(low), high: digits(high) },
    true,
  );
}
