/** Boxes on an image, drawn and changed with mouse, touch or keys; the line below the image says which is active. */

import { makeBarButton } from "../annotate/bar_button.js";
import { ItemImage } from "../annotate/item_image.js";
import { LabelButtons } from "../annotate/label_buttons.js";
import { isWithin, keyOf, labelIndexOf } from "../annotate/shortcuts.js";
import { BoxDrag } from "./box_drag.js";
import { BoxSet } from "./box_set.js";
import { describeBox, describeBoxes, describeCounts } from "./box_status.js";
import { boxAt, boxBetween, handleAt, isSameRectangle, moveBox, resizeBox, withRectangle } from "./geometry.js";
import { BoxList } from "./list.js";
import { Overlay } from "./overlay.js";

/**
 * @typedef {import("../types.js").AnswerValue} AnswerValue
 * @typedef {import("./geometry.js").Box} Box
 * @typedef {import("./geometry.js").Point} Point
 * @typedef {import("./geometry.js").Size} Size
 */

const REACH_PIXELS = { mouse: 8, pen: 14, touch: 22 }; // around a handle or an edge, on the screen
const LARGE_STEP = 10; // steps of an arrow key with shift
const NEW_BOX_SHARE = 0.2; // of what is seen, for a box made by a key
const MAX_SHIFTS = 20; // of a new box, away from others
const REPEAT_MS = 1000; // presses of arrow keys that follow each other so soon are one change
const ANNOUNCEMENT_DELAY_MS = 350; // so that only the last of several changes is read out
/** @type {Map<string, Point>} */
const ARROWS = new Map([
  ["ArrowLeft", [-1, 0]],
  ["ArrowRight", [1, 0]],
  ["ArrowUp", [0, -1]],
  ["ArrowDown", [0, 1]],
]);

export class BoxEditor {
  /** @param {import("../types.js").WidgetOptions} options */
  constructor({ reading, controls, labels }) {
    this.labels = labels;
    this.scroller = /** @type {HTMLElement} */ (reading.closest(".an-reading") ?? reading);
    this.set = new BoxSet();
    /** @type {Size} of the image, in its pixels */
    this.size = { width: 0, height: 0 };
    this.hasItem = false;
    this.suggestsNothing = false;
    this.armed = -1; // index of the label of the next box; -1: the first label
    this.lastNudge = 0;
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.announcementTimer = undefined;
    this.image = new ItemImage(reading, { tool: this, onDraw: () => this.overlay?.draw() });
    this.viewer = this.image.viewer;
    this.viewer.frame.classList.add("bx-frame");
    this.overlay = new Overlay(this.viewer, labels);
    this.list = new BoxList(reading, {
      labels,
      onSelect: (index) => this.select(this.set.all[index] ?? null, { reveal: true }),
      onChange: (rectangle) => this.setRectangle(rectangle),
    });
    this.buttons = new LabelButtons(controls, labels, (index) => this.press(index), { toggle: true });
    this.status = document.createElement("p");
    this.status.className = "bx-status";
    this.live = document.createElement("p");
    this.live.className = "al-hidden-visually";
    this.live.setAttribute("role", "status");
    this.addButton = makeBarButton(gettext("New box"), "N", () => this.add());
    this.removeButton = makeBarButton(gettext("Remove"), "Delete", () => this.remove());
    this.acceptButton = makeBarButton(gettext("Accept"), "A", () => this.accept());
    this.rejectButton = makeBarButton(gettext("Reject"), "X", () => this.reject());
    this.listButton = makeBarButton(gettext("List"), "L", () => this.toggleList());
    this.listButton.setAttribute("aria-controls", this.list.panel.id);
    this.listButton.setAttribute("aria-expanded", "false");
    const bar = document.createElement("div");
    bar.className = "bx-bar";
    const suggestionButtons = [this.acceptButton, this.rejectButton];
    bar.append(this.status, ...suggestionButtons, this.removeButton, this.addButton, this.listButton, this.live);
    controls.before(bar);
    this.show(null);
  }

  // The item

  /** @param {{item: import("../types.js").Item}|null} assignment */
  show(assignment) {
    this.hasItem = assignment !== null;
    this.set.clear();
    this.suggestsNothing = false;
    this.lastNudge = 0;
    let painted;
    if (assignment) {
      const { width, height } = assignment.item.content;
      this.size = { width, height };
      painted = this.image.show(assignment);
    } else this.image.clear();
    this.draw();
    return painted;
  }

  get value() {
    return { boxes: this.set.distinct.map(({ x, y, w, h, label }) => ({ x, y, w, h, label })) };
  }

  /** @param {AnswerValue} value */
  setValue(value) {
    this.set.load(boxesOf(value, false));
    this.draw();
  }

  draw() {
    const { all, active } = this.set;
    this.overlay.show(all, active);
    this.list.draw(all, active);
    this.drawStatus();
  }

  /** What changes in every frame of a drag. @param {string} status */
  drawDragged(status) {
    this.overlay.show(this.set.all, this.set.active);
    this.status.textContent = status;
  }

  drawStatus() {
    const { active, suggestions } = this.set;
    this.buttons.setPressed(this.labels.length ? [active?.label ?? this.nextLabel] : []);
    this.status.textContent = this.hasItem ? describeBoxes(this.set, this.suggestsNothing) : "";
    this.removeButton.hidden = !active || active.suggested;
    this.acceptButton.hidden = this.rejectButton.hidden = !suggestions.length;
    this.addButton.hidden = !this.canDraw;
    this.listButton.hidden = !this.hasItem;
  }

  /** Have a screen reader say something, unless something else follows at once. @param {string} text */
  announce(text) {
    clearTimeout(this.announcementTimer);
    this.announcementTimer = setTimeout(() => (this.live.textContent = text), ANNOUNCEMENT_DELAY_MS);
  }

  // The active box

  /** @param {Box|null} box */
  select(box, { reveal = false } = {}) {
    this.set.active = box;
    this.lastNudge = 0;
    if (box && reveal) this.viewer.reveal(box);
    this.draw();
    if (box) this.announce(describeBox(this.set, box));
  }

  /** Go to the next box; false behind the last one, where the key does what it always does. @param {1|-1} step */
  selectNext(step) {
    const { all, active } = this.set;
    let index = step > 0 ? 0 : all.length - 1;
    if (active) index = all.indexOf(active) + step;
    const box = all[index] ?? null;
    this.select(box, { reveal: true });
    return box !== null;
  }

  // Changes

  /** Keep what there is for undo. */
  remember() {
    this.set.remember();
    this.lastNudge = 0;
  }

  undo() {
    if (!this.set.undo()) return false;
    this.lastNudge = 0;
    this.draw();
    this.announce(gettext("Undone."));
    return true;
  }

  /** Put a box in the place of another, or of none, as a change of its own.
   * @param {Box|null} old @param {Omit<Box, "suggested">} box */
  change(old, box) {
    this.remember();
    const made = this.set.put(old, box);
    this.draw();
    this.announce(describeBox(this.set, made));
    return made;
  }

  /** A label's key or button: for the active box, or else for the next one. @param {number} index */
  press(index) {
    if (!this.hasItem) return;
    this.armed = index;
    const { active } = this.set;
    const label = this.labels[index].name;
    if (active && (active.label !== label || active.suggested)) this.change(active, { ...active, label });
    else this.drawStatus();
  }

  /** Whether there is an image, and a label for a box on it. */
  get canDraw() {
    return this.hasItem && this.labels.length > 0;
  }

  get nextLabel() {
    return (this.labels[this.armed] ?? this.labels[0]).name;
  }

  /** A new box in the middle of what is seen. */
  add() {
    if (!this.canDraw) return;
    const { width, height } = this.viewer.view.frame;
    const half = (NEW_BOX_SHARE * Math.min(width, height)) / this.viewer.pixelSize / 2;
    const [x, y] = this.viewer.view.toImage([width / 2, height / 2]);
    const between = boxBetween([x - half, y - half], [x + half, y + half], this.size);
    let box = { ...between, label: this.nextLabel };
    const shift = LARGE_STEP * this.step;
    const isTaken = () => this.set.boxes.some((other) => isSameRectangle(other, box));
    for (let shifts = 0; shifts < MAX_SHIFTS && isTaken(); shifts += 1) box = moveBox(box, shift, shift, this.size);
    const made = this.change(null, box);
    this.announce(interpolate(gettext("New box: %s"), [describeBox(this.set, made)]));
    this.scroller.focus({ preventScroll: true });
  }

  remove() {
    const removed = this.set.removeActive();
    if (!removed) return;
    this.lastNudge = 0;
    this.draw();
    this.announce(interpolate(gettext("Removed: %s"), [removed.label]));
  }

  /** @param {import("./geometry.js").Rectangle} rectangle */
  setRectangle(rectangle) {
    const { active } = this.set;
    if (active) this.change(active, withRectangle(active, rectangle, this.size));
  }

  // Suggestions

  /** @param {AnswerValue|null} value */
  suggest(value) {
    this.set.suggest(boxesOf(value, true));
    this.suggestsNothing = Boolean(value) && !this.set.suggestions.length;
    this.draw();
  }

  accept() {
    const { active } = this.set;
    if (active?.suggested) this.change(active, active);
    else this.acceptAll();
  }

  acceptAll() {
    if (!this.set.acceptAll()) return;
    this.lastNudge = 0;
    this.draw();
    this.announce(describeCounts(this.set));
  }

  reject() {
    if (this.set.active?.suggested) this.remove();
    else this.suggest(null);
  }

  // Pointers: the tool of the viewer

  /** @param {Point} point @param {PointerEvent} event @returns {import("../annotate/viewer.js").Gesture|null} */
  begin(point, { pointerType }) {
    if (!this.canDraw) return null;
    const pixels = pointerType === "touch" || pointerType === "pen" ? REACH_PIXELS[pointerType] : REACH_PIXELS.mouse;
    const reach = pixels / this.viewer.pixelSize;
    return new BoxDrag(this, point, reach, this.transformAt(point, reach));
  }

  /** What a drag from a point does with the active box; null where it draws a new one.
   * @param {Point} point @param {number} reach @returns {import("./box_drag.js").Transform|null} */
  transformAt(point, reach) {
    const { active } = this.set;
    if (!active) return null;
    const handle = handleAt(active, point, reach);
    if (handle) return (right, down) => resizeBox(active, handle, right, down, this.size);
    if (boxAt([active], point, 0)) return (right, down) => moveBox(active, right, down, this.size);
    return null;
  }

  /** @param {Point} point */
  hover(point) {
    const cursor = this.cursorAt(point);
    if (this.viewer.frame.style.cursor !== cursor) this.viewer.frame.style.cursor = cursor;
  }

  /** @param {Point} point */
  cursorAt(point) {
    const { active } = this.set;
    if (!active) return "crosshair";
    const handle = handleAt(active, point, REACH_PIXELS.mouse / this.viewer.pixelSize);
    if (handle) return cursorOf(handle);
    return boxAt([active], point, 0) ? "move" : "crosshair";
  }

  // Keys

  /** @param {KeyboardEvent} event @returns {boolean} whether it was one of ours */
  handleKey(event) {
    const key = keyOf(event);
    if (!this.hasItem || labelIndexOf(event, this.labels) >= 0) return false;
    switch (key) {
      case "n":
        this.add();
        return true;
      case "l":
        this.toggleList();
        return true;
      case "/":
        return this.buttons.focusFilter();
      case "Delete":
        this.remove();
        return true;
      case "Escape":
        return this.cancel();
      case "a":
      case "x":
        return this.handleSuggestionKey(key);
      default:
        return !isControl(event.target) && this.handleImageKey(event);
    }
  }

  /** Accept or reject the active box, where it is a suggestion. @param {"a"|"x"} key */
  handleSuggestionKey(key) {
    if (!this.set.active?.suggested) return false;
    if (key === "a") this.accept();
    else this.reject();
    return true;
  }

  /** @param {KeyboardEvent} event */
  handleImageKey(event) {
    if (event.key === "Tab") return this.selectNext(event.shiftKey ? -1 : 1);
    return this.nudge(event, false) || this.viewer.handleKey(event);
  }

  /** Keys with alt or ctrl. @param {KeyboardEvent} event */
  handleChord(event) {
    if (!this.hasItem) return false;
    if (keyOf(event) === "z" && !event.altKey && !event.shiftKey) return this.undo();
    return !isControl(event.target) && this.nudge(event, true);
  }

  /** Pixels of the image that an arrow key goes: one, or as many as make one on the screen. */
  get step() {
    return Math.max(1, Math.round(1 / this.viewer.pixelSize));
  }

  /** Move the active box, or its right and lower edge; false where it is no arrow key.
   * @param {KeyboardEvent} event @param {boolean} resize */
  nudge({ key, shiftKey }, resize) {
    const arrow = ARROWS.get(key);
    const { active } = this.set;
    if (!arrow || !active) return false;
    const [right, down] = arrow.map((direction) => direction * this.step * (shiftKey ? LARGE_STEP : 1));
    const now = performance.now();
    if (now - this.lastNudge > REPEAT_MS) this.remember();
    const changed = resize
      ? resizeBox(active, [1, 1], right, down, this.size)
      : moveBox(active, right, down, this.size);
    const made = this.set.put(active, changed);
    this.lastNudge = now;
    this.viewer.reveal(made);
    this.draw();
    this.announce(describeBox(this.set, made));
    return true;
  }

  /** End a drag and leave the active box; false where there was neither. */
  cancel() {
    const hadSomething = this.set.active !== null || this.viewer.gesture !== null;
    this.viewer.cancelGesture();
    this.select(null);
    return hadSomething;
  }

  toggleList() {
    this.list.toggle();
    this.listButton.setAttribute("aria-expanded", String(this.list.isOpen));
    this.draw();
  }
}

/** @param {AnswerValue|null} value @param {boolean} suggested @returns {Box[]} */
function boxesOf(value, suggested) {
  return (value?.boxes ?? []).map(({ x, y, w, h, label }) => ({ x, y, w, h, label, suggested }));
}

/** @param {import("./geometry.js").Handle} handle */
function cursorOf([horizontal, vertical]) {
  if (!horizontal) return "ns-resize";
  if (!vertical) return "ew-resize";
  return horizontal === vertical ? "nwse-resize" : "nesw-resize";
}

/** Whether a key belongs to a control that has the focus; a label's button is none: it is pressed by its key.
 * @param {EventTarget|null} target */
function isControl(target) {
  return isWithin(target, "button:not(.an-label), a[href], input, summary");
}
