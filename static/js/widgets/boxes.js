/**
 * Object boxes: labelled boxes on a picture. Value: {"boxes": [{x, y, w, h, label}]}, in pixels of the original.
 *
 * Drag to draw one; a click takes one, to be moved, pulled at its handles, or labelled. Keys do all of it: N makes a
 * box in the middle of what is seen, arrows move it, alt with them makes it larger or smaller.
 */

import { barButton } from "../annotate/bar_button.js";
import { counted } from "../annotate/label_counts.js";
import { ItemPicture } from "../annotate/item_image.js";
import { LabelButtons } from "../annotate/label_buttons.js";
import { nameOf } from "../annotate/image_cache.js";
import { alike, between, boxAt, handleAt, moved, pulled, samePlace, withSides } from "../boxes/geometry.js";
import { BoxList, sizeOf } from "../boxes/list.js";
import { Overlay } from "../boxes/overlay.js";

const NAME = 140; // characters
const MOVED = 4; // pixels from which on it is a drag
const REACH = { mouse: 8, pen: 14, touch: 22 }; // pixels around a handle or an edge
const FAR = 10; // steps of an arrow key with shift
const NEW = 0.2; // of what is seen, for a box made by a key
const HELD_MS = 1000; // presses of arrow keys that follow each other so soon are one change
const QUIET_MS = 350; // before it is read out
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** @param {{reading: HTMLElement, controls: HTMLElement, labels: object[], answer: Function}} options */
export default function makeBoxes(options) {
  const boxes = new Boxes(options);
  return {
    show: (row) => boxes.show(row),
    clear: () => boxes.show(null),
    ahead: (rows) => boxes.picture.ahead(rows),
    press: (index) => boxes.press(index),
    key: (event) => boxes.key(event),
    chord: (event) => boxes.chord(event),
    submit: (event) => options.answer(boxes.value, event),
    fill: (value) => boxes.fill(value),
    undo: () => boxes.undo(),
    suggest: (value, score) => boxes.suggest(value, score),
    accept: () => boxes.acceptAll(),
    describe: (value) => counted(value?.boxes ?? [], options.labels),
    summary: (_content, most = NAME, item) => nameOf(item).slice(0, most),
  };
}

class Boxes {
  constructor({ reading, controls, labels }) {
    this.labels = labels;
    this.scroller = reading.closest(".an-reading") ?? reading;
    this.size = null;
    this.boxes = [];
    this.suggested = [];
    this.active = null;
    this.armed = -1;
    this.picture = new ItemPicture(reading, { tool: this, drawn: () => this.overlay?.draw() });
    this.viewer = this.picture.viewer;
    this.viewer.frame.classList.add("bx-frame");
    this.overlay = new Overlay(this.viewer, labels);
    this.list = new BoxList(reading, {
      labels,
      choose: (place) => this.choose(this.all[place] ?? null, { reveal: true }),
      set: (sides) => this.setSides(sides),
    });
    this.buttons = new LabelButtons(controls, labels, (index) => this.press(index), { toggle: true });
    this.makeBar(controls);
    this.show(null);
  }

  /** The line that says what is chosen, and has what can be done about it. */
  makeBar(controls) {
    const bar = document.createElement("div");
    bar.className = "bx-bar";
    this.status = document.createElement("p");
    this.status.className = "bx-status";
    this.live = document.createElement("p");
    this.live.className = "al-hidden-visually";
    this.live.setAttribute("role", "status");
    this.maker = barButton(gettext("New box"), "N", () => this.make());
    this.remover = barButton(gettext("Remove"), "Delete", () => this.remove());
    this.accepter = barButton(gettext("Accept"), "A", () => this.accept());
    this.rejecter = barButton(gettext("Reject"), "X", () => this.reject());
    this.opener = barButton(gettext("List"), "L", () => this.toggleList());
    this.opener.setAttribute("aria-controls", this.list.panel.id);
    this.opener.setAttribute("aria-expanded", "false");
    bar.append(this.status, this.accepter, this.rejecter, this.remover, this.maker, this.opener, this.live);
    controls.before(bar);
  }

  // The item

  /** @param {object|null} row */
  show(row) {
    this.size = row?.item.content ?? null;
    this.boxes = [];
    this.suggested = [];
    this.score = null;
    this.nothing = false;
    this.before = [];
    this.active = null;
    this.lastNudge = 0;
    if (row) this.picture.show(row);
    else this.picture.clear();
    this.draw();
  }

  /** What stands, each box once. */
  get value() {
    const plain = this.boxes.map(({ x, y, w, h, label }) => ({ x, y, w, h, label }));
    return {
      boxes: plain.filter(
        (box, place) => plain.findIndex((one) => samePlace(one, box) && one.label === box.label) === place,
      ),
    };
  }

  get all() {
    return [...this.boxes, ...this.suggested];
  }

  fill(value) {
    this.boxes = fromValue(value, false);
    this.suggested = this.suggested.filter((one) => !this.boxes.some((box) => alike(one, box)));
    this.before = [];
    this.draw();
  }

  draw() {
    this.overlay.show(this.all, this.active);
    this.list.draw(this.all, this.active);
    this.tell();
  }

  // What is chosen

  choose(box, { reveal = false } = {}) {
    this.active = box;
    this.lastNudge = 0;
    if (box && reveal) this.viewer.reveal(box);
    this.draw();
    if (box) this.say(this.saidOf(box));
  }

  /** Go to the next box; behind the last one the key does what it always does. */
  walk(step) {
    const { all } = this;
    const here = this.active ? all.indexOf(this.active) + step : step > 0 ? 0 : all.length - 1;
    const box = all[here] ?? null;
    this.choose(box, { reveal: true });
    return Boolean(box);
  }

  // Changes

  /** Keep what there is for undo. */
  remember() {
    this.before.push({ boxes: this.boxes, suggested: this.suggested });
    this.lastNudge = 0;
  }

  undo() {
    const last = this.before.pop();
    if (!last) return false;
    Object.assign(this, last);
    this.active = null;
    this.lastNudge = 0;
    this.draw();
    this.say(gettext("Undone."));
    return true;
  }

  /** Put a box in the place of another, or of none; it is the chosen one then. @param {object|null} old @param {object} box */
  put(old, box) {
    const made = { ...box, suggested: false };
    this.boxes = this.boxes.includes(old) ? this.boxes.map((one) => (one === old ? made : one)) : [...this.boxes, made];
    this.suggested = this.suggested.filter((one) => one !== old && !alike(one, made));
    this.active = made;
    return made;
  }

  /** The same as a change of its own. */
  change(old, box, words = this.saidOf) {
    this.remember();
    const made = this.put(old, box);
    this.draw();
    this.say(words.call(this, made));
  }

  /** A label's key or button: for what is chosen, or else for what is drawn next. */
  press(index) {
    if (!this.size) return;
    this.armed = index;
    const { name } = this.labels[index];
    if (this.active && (this.active.label !== name || this.active.suggested)) {
      this.change(this.active, { ...this.active, label: name });
    } else this.tell();
  }

  get nextLabel() {
    return (this.labels[this.armed] ?? this.labels[0]).name;
  }

  /** A new box in the middle of what is seen. */
  make() {
    if (!this.size) return;
    const { clientWidth, clientHeight } = this.viewer.frame;
    const frame = this.viewer.frame.getBoundingClientRect();
    const at = (x, y) =>
      this.viewer.pointOf({ clientX: frame.left + clientWidth * x, clientY: frame.top + clientHeight * y });
    const side = (NEW * Math.min(clientWidth, clientHeight)) / this.viewer.unit / 2;
    const [x, y] = at(0.5, 0.5);
    let box = { ...between([x - side, y - side], [x + side, y + side], this.size), label: this.nextLabel };
    for (let tries = 0; tries < 20 && this.boxes.some((one) => samePlace(one, box)); tries += 1) {
      box = moved(box, FAR * this.step, FAR * this.step, this.size);
    }
    this.change(null, box, (made) => interpolate(gettext("New box: %s"), [this.saidOf(made)]));
    this.scroller.focus({ preventScroll: true });
  }

  remove() {
    const box = this.active;
    if (!box) return;
    this.remember();
    this.boxes = this.boxes.filter((one) => one !== box);
    this.suggested = this.suggested.filter((one) => one !== box);
    this.active = null;
    this.draw();
    this.say(interpolate(gettext("Removed: %s"), [box.label]));
  }

  setSides(sides) {
    if (this.active) this.change(this.active, withSides(this.active, sides, this.size));
  }

  // What the model suggests

  suggest(value, score = null) {
    this.suggested = fromValue(value, true);
    this.score = value ? score : null;
    this.nothing = Boolean(value) && !this.suggested.length;
    if (this.active?.suggested) this.active = null;
    this.draw();
  }

  accept() {
    if (this.active?.suggested) this.change(this.active, this.active);
    else this.acceptAll();
  }

  /** What a person drew stands; of the suggestions come those for something else. */
  acceptAll() {
    if (!this.suggested.length) return;
    this.remember();
    const taken = this.suggested.map((one) => ({ ...one, suggested: false }));
    this.suggested = [];
    this.active = null;
    this.boxes = [...this.boxes, ...taken.filter((one) => !this.boxes.some((box) => alike(one, box)))];
    this.draw();
    this.say(this.saidOfAll());
  }

  reject() {
    if (this.active?.suggested) this.remove();
    else this.suggest(null);
  }

  // Pointers: the tool of the viewer

  /** @param {number[]} point @param {PointerEvent} event @returns {import("../annotate/viewer.js").Gesture} */
  begin(point, event) {
    const reach = (REACH[event.pointerType] ?? REACH.mouse) / this.viewer.unit;
    const handle = this.active && handleAt(this.active, point, reach);
    const inside = this.active && boxAt([this.active], point, 0);
    const shape = handle
      ? (box, right, down) => pulled(box, handle, right, down, this.size)
      : inside && ((box, right, down) => moved(box, right, down, this.size));
    return new Drag(this, point, shape ? this.active : null, shape || null, reach);
  }

  hover(point) {
    const reach = REACH.mouse / this.viewer.unit;
    const handle = this.active && handleAt(this.active, point, reach);
    const cursor = handle
      ? CURSORS[handle.join()]
      : this.active && boxAt([this.active], point, 0)
        ? "move"
        : "crosshair";
    if (this.viewer.frame.style.cursor !== cursor) this.viewer.frame.style.cursor = cursor;
  }

  // Keys

  /** @param {KeyboardEvent} event @returns {boolean} whether it was one of ours */
  key(event) {
    if (!this.size) return false;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (this.labels.some((label) => label.key === key)) return false;
    if (key === "n") this.make();
    else if (key === "l") this.toggleList();
    else if (key === "/") return this.buttons.find();
    else if (key === "Delete") this.remove();
    else if (key === "Escape") return this.forget();
    else if (key === "a" && this.active?.suggested) this.accept();
    else if (key === "x" && this.active?.suggested) this.reject();
    else return !isControl(event.target) && this.keyOnPicture(event);
    return true;
  }

  keyOnPicture(event) {
    if (event.key === "Tab") return this.walk(event.shiftKey ? -1 : 1);
    if (event.key in ARROWS && this.active) this.nudge(event, false);
    else return this.viewer.key(event);
    return true;
  }

  /** Keys with alt or ctrl. */
  chord(event) {
    if (!this.size) return false;
    if (event.key.toLowerCase() === "z" && !event.altKey && !event.shiftKey) return this.undo();
    if (!(event.key in ARROWS) || !this.active || isControl(event.target)) return false;
    this.nudge(event, true);
    return true;
  }

  /** Pixels of the picture that an arrow key goes: one, or as many as make one on the screen. */
  get step() {
    return Math.max(1, Math.round(1 / this.viewer.unit));
  }

  /** Move the chosen box, or its right and lower edge. */
  nudge({ key, shiftKey }, resize) {
    const far = this.step * (shiftKey ? FAR : 1);
    const [right, down] = ARROWS[key].map((way) => way * far);
    const now = performance.now();
    if (now - this.lastNudge > HELD_MS) this.remember();
    const { active } = this;
    const made = this.put(
      active,
      resize ? pulled(active, [1, 1], right, down, this.size) : moved(active, right, down, this.size),
    );
    this.lastNudge = now;
    this.viewer.reveal(made);
    this.draw();
    this.say(this.saidOf(made));
  }

  forget() {
    const something = this.active !== null || this.viewer.gesture !== null;
    this.viewer.release();
    this.choose(null);
    return something;
  }

  toggleList() {
    this.list.toggle();
    this.opener.setAttribute("aria-expanded", String(this.list.isOpen));
    this.draw();
  }

  // What the line below the picture says

  tell() {
    const { active } = this;
    this.buttons.set(this.labels.length ? [active?.label ?? this.nextLabel] : []);
    this.status.textContent = this.said();
    this.remover.hidden = !active || active.suggested;
    this.accepter.hidden = this.rejecter.hidden = !this.suggested.length;
    this.maker.hidden = this.opener.hidden = !this.size;
  }

  /** Read words out, unless others follow at once. */
  say(words) {
    clearTimeout(this.saying);
    this.saying = setTimeout(() => (this.live.textContent = words), QUIET_MS);
  }

  said() {
    if (!this.size) return "";
    if (this.active) return this.saidOf(this.active);
    if (this.suggested.length || this.boxes.length) return this.saidOfAll();
    return this.nothing ? gettext("The model finds nothing here.") : gettext("Drag to draw a box, or press N.");
  }

  saidOf(box) {
    const { all } = this;
    const values = {
      label: box.suggested ? `${box.label}?` : box.label,
      size: sizeOf(box),
      n: all.indexOf(box) + 1,
      of: all.length,
    };
    return interpolate(gettext("%(label)s, %(size)s (%(n)s of %(of)s)"), values, true);
  }

  saidOfAll() {
    const [n, guesses] = [this.boxes.length, this.suggested.length];
    const drawn = interpolate(ngettext("%s box", "%s boxes", n), [n]);
    if (!guesses) return drawn;
    const suggested = interpolate(ngettext("%s suggestion", "%s suggestions", guesses), [guesses]);
    return n ? `${drawn}, ${suggested}` : suggested;
  }
}

/** One drag: it draws a new box, or changes the one it began at; where it does not go far it is a click. */
class Drag {
  /** @param {Boxes} boxes @param {number[]} from @param {object|null} old @param {Function|null} shape of the old one */
  constructor(boxes, from, old, shape, reach) {
    Object.assign(this, { boxes, from, old, shape, reach });
    this.started = false;
    this.whole = { boxes: boxes.boxes, suggested: boxes.suggested, active: boxes.active };
  }

  move(point) {
    const { boxes } = this;
    const [right, down] = [point[0] - this.from[0], point[1] - this.from[1]];
    if (!this.started && Math.hypot(right, down) * boxes.viewer.unit < MOVED) return;
    if (!this.started) boxes.remember();
    this.started = true;
    const box = this.shape
      ? this.shape(this.old, right, down)
      : { ...between(this.from, point, boxes.size), label: boxes.nextLabel };
    Object.assign(boxes, this.whole);
    boxes.put(this.old, box);
    boxes.overlay.show(boxes.all, boxes.active);
    boxes.status.textContent = sizeOf(box);
  }

  end() {
    const { boxes } = this;
    if (this.started) boxes.choose(boxes.active);
    else boxes.choose(boxAt(this.boxes.all, this.from, 0) ?? boxAt(this.boxes.all, this.from, this.reach));
  }

  cancel() {
    if (!this.started) return;
    this.boxes.before.pop();
    Object.assign(this.boxes, this.whole);
    this.boxes.draw();
  }
}

const CURSORS = {
  "-1,-1": "nwse-resize",
  "1,1": "nwse-resize",
  "1,-1": "nesw-resize",
  "-1,1": "nesw-resize",
  "0,-1": "ns-resize",
  "0,1": "ns-resize",
  "-1,0": "ew-resize",
  "1,0": "ew-resize",
};

/** @param {{boxes?: object[]}|null} value */
function fromValue(value, suggested) {
  return (value?.boxes ?? []).map(({ x, y, w, h, label }) => ({ x, y, w, h, label, suggested }));
}

/** Whether a key belongs to a control that has the focus; a label's button is none: it is pressed by its key. */
function isControl(target) {
  return target instanceof Element && target.closest("button:not(.an-label), a[href], input, summary") !== null;
}
