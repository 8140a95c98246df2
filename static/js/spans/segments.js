/**
 * A text cut where spans begin and end, so that overlapping spans can be drawn side by side in the DOM.
 *
 * @typedef {{start: number, end: number, label: string, suggested: boolean}} Span in UTF-16 units
 * @typedef {{start: number, end: number, spans: Span[]}} Segment
 */

/** By start, then end, then label; 0 for the same span.
 * @param {Omit<Span, "suggested">} a @param {Omit<Span, "suggested">} b */
export function compareSpans(a, b) {
  return a.start - b.start || a.end - b.end || (a.label < b.label ? -1 : Number(a.label > b.label));
}

/** @param {{start: number, end: number}} a @param {{start: number, end: number}} b */
export function overlaps(a, b) {
  return a.start < b.end && b.start < a.end;
}

/** @param {number} length of the text @param {Span[]} spans @returns {Segment[]} */
export function cutIntoSegments(length, spans) {
  const sorted = spans.toSorted(compareSpans);
  const cuts = [...new Set([0, length, ...sorted.flatMap(({ start, end }) => [start, end])])].sort((a, b) => a - b);
  const segments = [];
  /** @type {Span[]} */
  let open = [];
  let next = 0;
  for (let index = 0; index + 1 < cuts.length; index += 1) {
    const [start, end] = [cuts[index], cuts[index + 1]];
    open = open.filter((span) => span.end > start);
    while (next < sorted.length && sorted[next].start === start) {
      open.push(sorted[next]);
      next += 1;
    }
    segments.push({ start, end, spans: [...open] });
  }
  return segments;
}

/** The line that each span is drawn on, counted from the text down: overlapping ones on different lines.
 * @param {Span[]} spans @returns {Map<Span, number>} */
export function assignLanes(spans) {
  /** @type {number[]} where the last span of each lane ends */
  const ends = [];
  const lanes = new Map();
  for (const span of spans.toSorted(compareSpans)) {
    let lane = ends.findIndex((end) => end <= span.start);
    if (lane < 0) lane = ends.length;
    ends[lane] = span.end;
    lanes.set(span, lane);
  }
  return lanes;
}
