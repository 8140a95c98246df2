/**
 * Places in a text: its words, and code points against the UTF-16 units that JavaScript counts.
 *
 * The words are those of annotation/sequences/tokens.py: letters and digits, each Chinese character or kana, each other
 * mark; what belongs to the character before it (an accent, a joiner inside an emoji) stays with it.
 */

const ALONE = "\\u3040-\\u30ff\\u3400-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}";
const TAIL = "(?:\\p{M}|\\u200d|[\\u{1f3fb}-\\u{1f3ff}])*";
const WORD = new RegExp(
  `[${ALONE}]${TAIL}|(?:(?![${ALONE}])[\\p{L}\\p{N}\\p{M}_\\u200c\\u200d])+|\\p{RI}\\p{RI}|\\S${TAIL}(?:(?<=\\u200d)\\S${TAIL})*`,
  "gu",
);

/** @typedef {{start: number, end: number}} Place from a unit to behind another */

/** @param {string} text @returns {Place[]} */
export function wordsOf(text) {
  return Array.from(text.matchAll(WORD), (match) => ({ start: match.index, end: match.index + match[0].length }));
}

/** The first word that ends behind a unit, by index; as many as there are when none does. @param {Place[]} words */
export function wordAt(words, unit) {
  let low = 0;
  let high = words.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (words[middle].end > unit) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** A range made as large as the words it touches; null where it touches none. @param {Place[]} words @param {Place} range */
export function wholeWords(words, { start, end }) {
  const first = wordAt(words, start);
  let last = wordAt(words, end - 1);
  if (last === words.length || words[last].start >= end) last -= 1;
  return first <= last ? { start: words[first].start, end: words[last].end } : null;
}

/** Counts code points as units and back, for one text. */
export class Points {
  /** @param {string} text */
  constructor(text) {
    this.pairs = []; // units at which a pair begins that is one code point
    for (const match of text.matchAll(/[\ud800-\udbff][\udc00-\udfff]/g)) this.pairs.push(match.index);
    this.pairsInPoints = this.pairs.map((unit, n) => unit - n);
  }

  /** @param {number} unit */
  fromUnit(unit) {
    return unit - below(this.pairs, unit);
  }

  /** @param {number} point */
  toUnit(point) {
    return point + below(this.pairsInPoints, point);
  }
}

/** How many of some rising numbers are below one. @param {number[]} numbers */
function below(numbers, limit) {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
