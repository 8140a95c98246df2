/**
 * Many pictures of which the model says the same: the person picks out the wrong ones and confirms the rest.
 *
 * A tile is a button. Pressed means picked out: asked alone afterwards, unless it was given another label here.
 */

import { paint } from "../colors.js";
import { Pictures } from "./image_cache.js";

const KEPT = 80; // pictures: of the grid on the screen, of the next one, and of those before
const UNSEEN_MS = 400; // nobody has looked at twenty pictures before that: a key pressed twice

/** @param {EventTarget|null} target */
function isOtherControl(target) {
  return target instanceof Element && target.closest("button:not(.an-tile), a[href], summary") !== null;
}

export class Grid {
  /**
   * @param {(name: string) => HTMLElement} part of the screen
   * @param {{describe: (value: object) => {name: string, color: string}, confirm: () => void}} options
   */
  constructor(part, { describe, confirm }) {
    this.part = part;
    this.describe = describe;
    this.confirm = confirm;
    this.pictures = new Pictures({ size: "thumb", kept: KEPT });
    this.rows = [];
    this.tiles = [];
    this.at = 0;
    this.shownAt = 0;
    /** @type {Map<number, object|null>} what was said of an item that is not what the model says; null: no label yet */
    this.marks = new Map();
  }

  /** @param {object[]} rows with one suggestion */
  show(rows) {
    this.rows = rows;
    this.at = 0;
    this.shownAt = performance.now();
    this.tiles = rows.map((row, index) => this.makeTile(row, index));
    this.part("tiles").replaceChildren(...this.tiles);
    this.part("tiles").scrollTop = 0;
    const { name, color } = this.describe(rows[0].suggestion);
    this.part("grid-question").textContent = interpolate(gettext("Which of these are not %s?"), [name]);
    paint(this.part("grid-swatch"), color);
    this.tiles.forEach((_tile, index) => this.draw(index));
    this.go(0);
    this.focus();
  }

  makeTile({ item }, index) {
    const tile = document.createElement("button");
    tile.type = "button";
    tile.className = "an-tile";
    const note = document.createElement("span");
    note.className = "an-tile__note";
    const picture = this.pictures.of(item);
    picture.className = "an-tile__picture";
    picture.decode().catch(() => this.lost(tile, item));
    tile.append(picture, note);
    tile.addEventListener("click", () => this.pick(index));
    tile.addEventListener("focus", () => this.go(index));
    return tile;
  }

  lost(tile, item) {
    this.pictures.drop(item);
    tile.classList.add("is-lost");
  }

  /** Rows whose pictures are wanted next. @param {object[]} rows */
  ahead(rows) {
    this.pictures.ahead(rows);
  }

  // What the person does

  /** Pick a tile out, or put it back. @param {number} index */
  pick(index) {
    const { id } = this.rows[index].item;
    if (!this.marks.delete(id)) this.marks.set(id, null);
    this.go(index);
    this.draw(index);
  }

  /** Give the tile one is at a label. @param {object} value */
  give(value) {
    const { item, suggestion } = this.rows[this.at];
    if (JSON.stringify(value) === JSON.stringify(suggestion)) this.marks.delete(item.id);
    else this.marks.set(item.id, value);
    this.draw(this.at);
    this.focus();
  }

  /** Mark again what had been given another label. @param {{row: object, value: object}[]} answers taken back */
  recall(answers) {
    for (const { row, value } of answers) {
      if (value && row.suggestion && JSON.stringify(value) !== JSON.stringify(row.suggestion)) {
        this.marks.set(row.item.id, value);
      }
    }
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether it was for the grid */
  key(event) {
    const step = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -this.columns,
      ArrowDown: this.columns,
      Home: -this.at,
      End: this.tiles.length - 1 - this.at,
    }[event.key];
    if (step !== undefined) {
      this.tiles[this.at + step]?.focus();
      return true;
    }
    if (isOtherControl(event.target)) return false;
    if (event.key === "Enter") {
      if (!event.repeat) this.finish();
      return true;
    }
    if (event.key !== " " || event.target.closest(".an-tile")) return false; // a button that has the focus presses itself
    if (!event.repeat) this.pick(this.at);
    return true;
  }

  /** Confirm what the person can have seen. */
  finish() {
    const loaded = this.tiles.every((tile) => tile.querySelector("img").complete);
    if (loaded && performance.now() - this.shownAt >= UNSEEN_MS) this.confirm();
  }

  focus() {
    this.tiles[this.at].focus({ preventScroll: true });
  }

  /** What was said, and what was not; forgets the marks. A picture that could not be seen counts as not said.
   * @returns {{answers: {row: object, value: object}[], open: object[]}} */
  result() {
    const answers = [];
    const open = [];
    this.rows.forEach((row, index) => {
      const value = this.marks.has(row.item.id) ? this.marks.get(row.item.id) : row.suggestion;
      if (value && this.isSeen(index)) answers.push({ row, value });
      else open.push(row);
      this.marks.delete(row.item.id);
    });
    return { answers, open };
  }

  isSeen(index) {
    const picture = this.tiles[index].querySelector("img");
    return picture.complete && picture.naturalWidth > 0;
  }

  // How it looks

  get columns() {
    const top = this.tiles[0].offsetTop;
    const below = this.tiles.findIndex((tile) => tile.offsetTop > top);
    return below < 0 ? this.tiles.length : below;
  }

  /** One tile is in the order of the tab key: the one that the arrows have reached. */
  go(index) {
    this.at = index;
    this.tiles.forEach((tile, place) => {
      tile.tabIndex = place === index ? 0 : -1;
    });
  }

  draw(index) {
    const { id } = this.rows[index].item;
    const tile = this.tiles[index];
    const value = this.marks.get(id);
    const { name, color } = value
      ? this.describe(value)
      : { name: this.marks.has(id) ? gettext("picked out") : "", color: "" };
    tile.setAttribute("aria-pressed", String(this.marks.has(id)));
    tile.querySelector(".an-tile__note").textContent = name;
    paint(tile, color);
    this.drawSums();
  }

  drawSums() {
    const values = this.rows.map(({ item }) => this.marks.get(item.id));
    const open = values.filter((value) => value === null).length;
    const other = values.filter(Boolean).length;
    const same = values.length - open - other;
    this.part("confirm").textContent = String(same);
    this.part("grid-sums").textContent = [
      other && interpolate(ngettext("%s with another label", "%s with another label", other), [other]),
      open && interpolate(ngettext("%s follows alone", "%s follow alone", open), [open]),
    ]
      .filter(Boolean)
      .join(", ");
  }
}
