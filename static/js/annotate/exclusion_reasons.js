/**
 * Reasons for exclusion beside the labels, where all items of one label are to be found: a press on one gives it with
 * the answer. With a single other label the press is the answer; with several it waits for the label. Their keys are
 * the digits that no label has.
 */

import { find, span } from "../dom.js";
import { isBounce } from "./bounce.js";
import { digitOf } from "./shortcuts.js";

/**
 * @typedef {import("../types.js").AnswerValue} AnswerValue
 * @typedef {import("../types.js").Exclusion} Exclusion
 * @typedef {import("../types.js").Label} Label
 */

const DIGITS = [..."1234567890"];
const FIRST_BOUNCE_INDEX = 1000; // beside those of labels

export class ExclusionReasons {
  /**
   * @param {HTMLElement} box behind whose labels they go
   * @param {object} options
   * @param {Label[]} options.labels
   * @param {Exclusion} options.exclusion
   * @param {boolean} options.hasKeys false where digits are those of an item's likeliest labels
   * @param {(value: AnswerValue, event: Event) => void} options.answer
   */
  constructor(box, { labels, exclusion, hasKeys, answer }) {
    this.exclusion = exclusion;
    this.others = labels.filter(({ name }) => name !== exclusion.label);
    this.answer = answer;
    this.chosen = -1;
    const taken = new Set(labels.map(({ key }) => key));
    this.keys = hasKeys ? DIGITS.filter((digit) => !taken.has(digit)).slice(0, exclusion.reasons.length) : [];
    this.buttons = exclusion.reasons.map((reason, index) => this.makeButton(reason, index));
    const group = document.createElement("div");
    group.className = "an-reasons";
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", gettext("Reason for exclusion"));
    group.append(span("an-reasons__title", gettext("Exclude because")), ...this.buttons);
    find(box, ".an-actions").before(group);
  }

  /** @param {string} reason @param {number} index */
  makeButton(reason, index) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "al-button al-button--small an-reason";
    const key = this.keys[index] ?? "";
    if (key) {
      const hint = document.createElement("kbd");
      hint.setAttribute("aria-hidden", "true");
      hint.textContent = key;
      button.append(hint, " ");
      button.setAttribute("aria-keyshortcuts", key);
    }
    const name = span("an-reason__name", reason);
    name.dir = "auto";
    button.append(name);
    if (this.others.length > 1) button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", (event) => this.press(index, event));
    return button;
  }

  /** @param {number} index @param {Event} event */
  press(index, event) {
    if (isBounce(FIRST_BOUNCE_INDEX + index, event)) return;
    const [only] = this.others;
    const isDecision = this.others.length === 1;
    this.choose(this.chosen === index && !isDecision ? -1 : index);
    if (isDecision) this.answer({ labels: [only.name] }, event);
  }

  /** @param {number} index -1: none */
  choose(index) {
    this.chosen = index;
    if (this.others.length === 1) return;
    this.buttons.forEach((button, place) => button.setAttribute("aria-pressed", String(place === index)));
  }

  /** @param {KeyboardEvent} event */
  handleKey(event) {
    const index = this.keys.indexOf(digitOf(event));
    if (index < 0) return false;
    if (!event.repeat) this.press(index, event);
    return true;
  }

  /** The reason that goes with an answer; empty for none. @param {AnswerValue|null} value */
  reasonFor(value) {
    const excludes = value?.labels && value.labels[0] !== this.exclusion.label;
    return excludes && this.chosen >= 0 ? this.exclusion.reasons[this.chosen] : "";
  }
}
