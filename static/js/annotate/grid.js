/**
 * Many images for which the model suggests the same: the person picks out the wrong ones and confirms the rest.
 *
 * A tile is a button. Pressed means picked out: it comes alone afterwards, unless it was given another label here.
 */

import { paint } from "../colors.js";
import { find, span } from "../dom.js";
import { ImageCache } from "./image_cache.js";
import { isWithin } from "./shortcuts.js";

/**
 * @typedef {import("../types.js").AnswerDescription} AnswerDescription
 * @typedef {import("../types.js").AnswerValue} AnswerValue
 * @typedef {import("../types.js").Assignment} Assignment
 * @typedef {{button: HTMLButtonElement, image: HTMLImageElement, note: HTMLElement}} Tile
 */

const MAX_IMAGES = 80; // of the grid on the screen, of the next one, and of those before
const MIN_VIEWING_MS = 400; // nobody has looked at twenty images before that: a key pressed twice

export class Grid {
  /**
   * @param {HTMLElement} root
   * @param {{describe: (value: AnswerValue) => AnswerDescription, onConfirm: () => void}} options
   */
  constructor(root, { describe, onConfirm }) {
    this.describe = describe;
    this.onConfirm = onConfirm;
    this.box = find(root, '[data-part="tiles"]');
    this.question = find(root, '[data-part="grid-question"]');
    this.swatch = find(root, '[data-part="grid-swatch"]');
    this.confirmed = find(root, '[data-part="confirm"]');
    this.totals = find(root, '[data-part="grid-sums"]');
    this.cache = new ImageCache({ size: "thumb", maxImages: MAX_IMAGES });
    /** @type {Assignment[]} */
    this.assignments = [];
    /** @type {Tile[]} one an assignment */
    this.tiles = [];
    this.position = 0;
    this.shownAt = 0;
    /** @type {Map<number, AnswerValue|null>} by item: another label than the suggested one; null: picked out */
    this.marks = new Map();
  }

  /** @param {Assignment[]} assignments with one suggestion */
  show(assignments) {
    this.assignments = assignments;
    this.position = 0;
    this.shownAt = performance.now();
    this.tiles = assignments.map((assignment, index) => this.makeTile(assignment, index));
    this.box.replaceChildren(...this.tiles.map(({ button }) => button));
    this.box.scrollTop = 0;
    const { name, color } = this.describe(assignments[0].suggestion ?? {});
    this.question.textContent = interpolate(gettext("Which of these are not %s?"), [name]);
    paint(this.swatch, color);
    for (const index of this.tiles.keys()) this.drawTile(index);
    this.drawTotals();
    this.setPosition(0);
    this.focus();
  }

  /** @param {Assignment} assignment @param {number} index @returns {Tile} */
  makeTile({ item }, index) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "an-tile";
    const note = span("an-tile__note");
    const image = this.cache.get(item);
    image.className = "an-tile__picture";
    image.decode().catch(() => {
      this.cache.drop(item);
      button.classList.add("is-lost");
    });
    button.append(image, note);
    button.addEventListener("click", () => this.pick(index));
    button.addEventListener("focus", () => this.setPosition(index));
    return { button, image, note };
  }

  /** @param {Assignment[]} assignments whose images are wanted next */
  prefetch(assignments) {
    this.cache.prefetch(assignments);
  }

  // What the person does

  /** Pick a tile out, or put it back. @param {number} index */
  pick(index) {
    const { id } = this.assignments[index].item;
    if (!this.marks.delete(id)) this.marks.set(id, null);
    this.setPosition(index);
    this.drawTile(index);
    this.drawTotals();
  }

  /** Give the current tile a label. @param {AnswerValue} value */
  setValue(value) {
    const { item, suggestion } = this.assignments[this.position];
    if (isSameValue(value, suggestion)) this.marks.delete(item.id);
    else this.marks.set(item.id, value);
    this.drawTile(this.position);
    this.drawTotals();
    this.focus();
  }

  /** Mark again what had been given another label. @param {import("../types.js").HistoryEntry[]} entries that are undone */
  restoreMarks(entries) {
    for (const { row: assignment, value } of entries) {
      if (value && assignment.suggestion && !isSameValue(value, assignment.suggestion)) {
        this.marks.set(assignment.item.id, value);
      }
    }
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether it was for the grid */
  handleKey(event) {
    const target = this.arrowTarget(event.key);
    if (target !== null) {
      this.tiles[target]?.button.focus();
      return true;
    }
    if (isWithin(event.target, "button:not(.an-tile), a[href], summary")) return false;
    if (event.key === "Enter") {
      if (!event.repeat) this.confirm();
      return true;
    }
    if (event.key !== " " || isWithin(event.target, ".an-tile")) return false; // a focused button presses itself
    if (!event.repeat) this.pick(this.position);
    return true;
  }

  /** Where a key goes, which may be outside; null where it goes nowhere. @param {string} key */
  arrowTarget(key) {
    switch (key) {
      case "ArrowLeft":
        return this.position - 1;
      case "ArrowRight":
        return this.position + 1;
      case "ArrowUp":
        return this.position - this.countColumns();
      case "ArrowDown":
        return this.position + this.countColumns();
      case "Home":
        return 0;
      case "End":
        return this.tiles.length - 1;
      default:
        return null;
    }
  }

  /** Confirm what the person can have seen. */
  confirm() {
    const isLoaded = this.tiles.every(({ image }) => image.complete);
    if (isLoaded && performance.now() - this.shownAt >= MIN_VIEWING_MS) this.onConfirm();
  }

  focus() {
    this.tiles[this.position].button.focus({ preventScroll: true });
  }

  /** What is answered, and what is left to come alone; forgets the marks. An image that could not be seen is left.
   * @returns {{answers: {assignment: Assignment, value: AnswerValue}[], left: Assignment[]}} */
  takeResult() {
    /** @type {{assignment: Assignment, value: AnswerValue}[]} */
    const answers = [];
    /** @type {Assignment[]} */
    const left = [];
    this.assignments.forEach((assignment, index) => {
      const mark = this.marks.get(assignment.item.id);
      const value = mark === undefined ? assignment.suggestion : mark;
      if (value && this.isVisible(index)) answers.push({ assignment, value });
      else left.push(assignment);
      this.marks.delete(assignment.item.id);
    });
    return { answers, left };
  }

  /** @param {number} index */
  isVisible(index) {
    const { image } = this.tiles[index];
    return image.complete && image.naturalWidth > 0;
  }

  // How it looks

  countColumns() {
    const firstTop = this.tiles[0].button.offsetTop;
    const below = this.tiles.findIndex(({ button }) => button.offsetTop > firstTop);
    return below < 0 ? this.tiles.length : below;
  }

  /** The tab key reaches one tile: the one that the arrows have reached. @param {number} position */
  setPosition(position) {
    this.position = position;
    this.tiles.forEach(({ button }, index) => {
      button.tabIndex = index === position ? 0 : -1;
    });
  }

  /** @param {number} index */
  drawTile(index) {
    const { button, note } = this.tiles[index];
    const value = this.marks.get(this.assignments[index].item.id);
    const { name, color } = value
      ? this.describe(value)
      : { name: value === null ? gettext("picked out") : "", color: "" };
    button.setAttribute("aria-pressed", String(value !== undefined));
    note.textContent = name;
    paint(button, color);
  }

  drawTotals() {
    const marks = this.assignments.map(({ item }) => this.marks.get(item.id));
    const alone = marks.filter((mark) => mark === null).length;
    const relabelled = marks.filter(Boolean).length;
    this.confirmed.textContent = String(marks.length - alone - relabelled);
    const texts = [];
    if (relabelled) {
      texts.push(interpolate(ngettext("%s with another label", "%s with another label", relabelled), [relabelled]));
    }
    if (alone) texts.push(interpolate(ngettext("%s follows alone", "%s follow alone", alone), [alone]));
    this.totals.textContent = texts.join(", ");
  }
}

/** @param {AnswerValue} a @param {AnswerValue|null} b */
function isSameValue(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}
