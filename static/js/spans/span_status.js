/** Say what is selected in a text, or what to do. */

const MAX_QUOTED_CHARACTERS = 60;

/** @param {import("./span_editor.js").SpanEditor} editor */
export function describeSpans(editor) {
  const { text, armed, labels, selection } = editor;
  const { spans, suggestions } = editor.set;
  if (!text) return "";
  if (selection) return describeSelection(text.slice(selection.start, selection.end), editor.active);
  if (armed >= 0) return interpolate(gettext("%s: now select words."), [labels[armed].name]);
  if (suggestions.length) return describeSuggestions(suggestions.length, editor.score);
  if (spans.length) return interpolate(ngettext("%s span", "%s spans", spans.length), [spans.length]);
  return editor.suggestsNothing
    ? gettext("The model finds nothing here.")
    : gettext("Select words and give them a label.");
}

/** @param {string} words @param {import("./segments.js").Span|null} span that is selected as a whole */
function describeSelection(words, span) {
  const text = words.length > MAX_QUOTED_CHARACTERS ? `${words.slice(0, MAX_QUOTED_CHARACTERS)}…` : words;
  if (!span) return interpolate(gettext("“%(text)s”"), { text }, true);
  const pattern = span.suggested ? gettext("“%(text)s”: %(label)s?") : gettext("“%(text)s”: %(label)s");
  return interpolate(pattern, { text, label: span.label }, true);
}

/** @param {number} n @param {number|null} score */
function describeSuggestions(n, score) {
  if (score === null) return interpolate(ngettext("%s suggestion", "%s suggestions", n), [n]);
  const values = { n, percent: Math.round(score * 100) };
  return interpolate(
    ngettext("%(n)s suggestion (%(percent)s %)", "%(n)s suggestions (%(percent)s %)", n),
    values,
    true,
  );
}
