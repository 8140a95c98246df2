/**
 * Offsets in a text: its words, and code points against the UTF-16 units that JavaScript counts.
 *
 * The words are the tokens of the server's models: letters and digits, each Chinese character or kana, each other
 * mark; what belongs to the character before it (an accent, a joiner inside an emoji) stays with it.
 */

const ALONE = "\\u3040-\\u30ff\\u3400-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}";
const TAIL = "(?:\\p{M}|\\u200d|[\\u{1f3fb}-\\u{1f3ff}])*";
const WORD = new RegExp(
  `[${ALONE}]${TAIL}|(?:(?![${ALONE}])[\\p{L}\\p{N}\\p{M}_\\u200c\\u200d])+|\\p{RI}\\p{RI}|\\S${TAIL}(?:(?<=\\u200d)\\S${TAIL})*`,
  "gu",
);

/** @typedef {{start: number, end: number}} Range in units; the end is exclusive */

/** @param {string} text @returns {Range[]} */
export function findWords(text) {
  return Array.from(text.matchAll(WORD), (match) => ({ start: match.index, end: match.index + match[0].length }));
}

/** Index of the first word that ends after a unit; the number of words where none does.
 * @param {Range[]} words @param {number} unit */
export function wordIndexAt(words, unit) {
  return lowerBound(words, ({ end }) => end > unit);
}

/** A range grown to the words it touches; null where it touches none.
 * @param {Range[]} words @param {Range} range @returns {Range|null} */
export function snapToWords(words, { start, end }) {
  const first = wordIndexAt(words, start);
  let last = wordIndexAt(words, end - 1);
  if (last === words.length || words[last].start >= end) last -= 1;
  return first <= last ? { start: words[first].start, end: words[last].end } : null;
}

/** Converts between units and code points of one text. */
export class CodePoints {
  /** @param {string} text */
  constructor(text) {
    /** Units at which a pair begins that is one code point. */
    this.pairUnits = Array.from(text.matchAll(/[\ud800-\udbff][\udc00-\udfff]/g), ({ index }) => index);
    this.pairPoints = this.pairUnits.map((unit, count) => unit - count);
  }

  /** @param {number} unit */
  fromUnit(unit) {
    return unit - lowerBound(this.pairUnits, (pair) => pair >= unit);
  }

  /** @param {number} point */
  toUnit(point) {
    return point + lowerBound(this.pairPoints, (pair) => pair >= point);
  }
}

/** Index of the first element that passes a test which all after it pass too; the length where none does.
 * @template T @param {T[]} sorted @param {(element: T) => boolean} passes */
export function lowerBound(sorted, passes) {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (passes(sorted[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}
