/**
 * Object boxes: labelled boxes on an image. Value: {"boxes": [{x, y, w, h, label}]}, in pixels of the original.
 *
 * Drag to draw one; a click takes one, to be moved, resized at its handles, or labelled. Keys do all of it: N adds a
 * box in the middle of what is seen, arrows move it, alt with them makes it larger or smaller.
 */

import { imageName } from "../annotate/image_cache.js";
import { describeLabelCounts } from "../annotate/label_counts.js";
import { BoxEditor } from "../boxes/box_editor.js";

const MAX_NAME_CHARACTERS = 140;

/** @type {import("../types.js").MakeWidget} */
export default function makeBoxes(options) {
  const editor = new BoxEditor(options);
  return {
    show: (assignment) => editor.show(assignment),
    clear: () => editor.show(null),
    prefetch: (assignments) => editor.image.prefetch(assignments),
    press: (index) => editor.press(index),
    handleKey: (event) => editor.handleKey(event),
    handleChord: (event) => editor.handleChord(event),
    submit: (event) => options.answer(editor.value, event),
    draft: () => editor.value,
    setValue: (value) => editor.setValue(value),
    undo: () => editor.undo(),
    suggest: (value) => editor.suggest(value),
    accept: () => editor.acceptAll(),
    describe: (value) => describeLabelCounts(value?.boxes ?? [], options.labels),
    summary: (_content, maxLength = MAX_NAME_CHARACTERS, item) => imageName(item).slice(0, maxLength),
  };
}
