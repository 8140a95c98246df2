/**
 * A text cut where spans begin and end, so that spans that lie over each other can be drawn side by side in the DOM.
 *
 * @typedef {{start: number, end: number, label: string, suggested?: boolean}} Span in units
 * @typedef {{start: number, end: number, spans: Span[]}} Segment
 */

/** @param {Span} a @param {Span} b */
export const inOrder = (a, b) =>
  a.start - b.start || a.end - b.end || (a.label < b.label ? -1 : Number(a.label > b.label));

/** @param {Span} a @param {{start: number, end: number}} b */
export const touch = (a, b) => a.start < b.end && b.start < a.end;

/** @param {number} length @param {Span[]} spans @returns {Segment[]} */
export function segmentsOf(length, spans) {
  const sorted = [...spans].sort(inOrder);
  const cuts = [...new Set([0, length, ...sorted.flatMap(({ start, end }) => [start, end])])].sort((a, b) => a - b);
  const segments = [];
  let open = [];
  let next = 0;
  for (let n = 0; n + 1 < cuts.length; n += 1) {
    const [start, end] = [cuts[n], cuts[n + 1]];
    open = open.filter((span) => span.end > start);
    while (next < sorted.length && sorted[next].start === start) {
      open.push(sorted[next]);
      next += 1;
    }
    segments.push({ start, end, spans: [...open] });
  }
  return segments;
}

/** The line that each span is drawn on, counted from the text down: those over each other on different ones.
 * @param {Span[]} spans @returns {Map<Span, number>} */
export function lanesOf(spans) {
  const ends = [];
  const lanes = new Map();
  for (const span of [...spans].sort(inOrder)) {
    let lane = ends.findIndex((end) => end <= span.start);
    if (lane < 0) lane = ends.length;
    ends[lane] = span.end;
    lanes.set(span, lane);
  }
  return lanes;
}
