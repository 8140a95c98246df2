/** One drag: it draws a new box, or changes the one it began at; where it does not go far it is a click. */

import { boxAt, boxBetween } from "./geometry.js";
import { describeSize } from "./list.js";

/**
 * @typedef {import("./geometry.js").Box} Box
 * @typedef {import("./geometry.js").Point} Point
 * @typedef {(right: number, down: number) => Box} Transform the box it began at, after a drag by so many pixels of the image
 */

const MIN_DRAG_PIXELS = 4; // on the screen

export class BoxDrag {
  /**
   * @param {import("./box_editor.js").BoxEditor} editor
   * @param {Point} start @param {number} reach in pixels of the image
   * @param {Transform|null} transform null: a new box is drawn
   */
  constructor(editor, start, reach, transform) {
    this.editor = editor;
    this.start = start;
    this.reach = reach;
    this.transform = transform;
    this.before = editor.set.snapshot();
    this.isDragging = false;
  }

  /** @param {Point} point */
  move(point) {
    const { editor, start } = this;
    const [right, down] = [point[0] - start[0], point[1] - start[1]];
    if (!this.isDragging) {
      if (Math.hypot(right, down) * editor.viewer.pixelSize < MIN_DRAG_PIXELS) return;
      editor.remember();
      this.isDragging = true;
    }
    const box = this.transform?.(right, down) ?? {
      ...boxBetween(start, point, editor.size),
      label: editor.nextLabel,
    };
    editor.set.restore(this.before);
    editor.set.put(this.transform && this.before.active, box);
    editor.drawDragged(describeSize(box));
  }

  end() {
    const { editor, reach, start } = this;
    const { all, active } = editor.set;
    editor.select(this.isDragging ? active : (boxAt(all, start, 0) ?? boxAt(all, start, reach)));
  }

  cancel() {
    if (!this.isDragging) return;
    this.editor.set.past.pop();
    this.editor.set.restore(this.before);
    this.editor.draw();
  }
}
