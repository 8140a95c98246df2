/**
 * Named entities: spans of a text with labels. Value: {"spans": [{start, end, label}]}, in code points.
 *
 * Select words (drag, click, tap, arrow keys) and give a label, or choose a label first and select then.
 */

import { describeLabelCounts } from "../annotate/label_counts.js";
import { summary } from "../annotate/text.js";
import { SpanEditor } from "../spans/span_editor.js";

/** @type {import("../types.js").MakeWidget} */
export default function makeSpans(options) {
  const editor = new SpanEditor(options);
  return {
    show: ({ item }) => editor.show(item.content.text),
    clear: () => editor.show(""),
    press: (index) => editor.press(index),
    handleKey: (event) => editor.handleKey(event),
    submit: (event) => options.answer(editor.value, event),
    draft: () => editor.value,
    setValue: (value) => editor.setValue(value),
    undo: () => editor.undo(),
    suggest: (value, score) => editor.suggest(value, score),
    accept: () => editor.acceptAll(),
    describe: (value) => describeLabelCounts(value?.spans ?? [], options.labels),
    summary,
  };
}
