import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { CodePoints, snapToWords, wordIndexAt, findWords } from "../../static/js/spans/offsets.js";

/** @param {string} text */
const words = (text) => findWords(text).map(({ start, end }) => text.slice(start, end));

describe("findWords", () => {
  it("separates letters and digits from marks", () => {
    assert.deepEqual(words("Paris, 2024-05-01: it's_ok"), [
      "Paris",
      ",",
      "2024",
      "-",
      "05",
      "-",
      "01",
      ":",
      "it",
      "'",
      "s_ok",
    ]);
  });

  it("makes a word of each Chinese character and kana", () => {
    assert.deepEqual(words("東京に行く Tokyo"), ["東", "京", "に", "行", "く", "Tokyo"]);
    assert.deepEqual(words("𠀋a"), ["𠀋", "a"]); // outside of the basic plane
  });

  it("keeps accents and emoji sequences whole", () => {
    assert.deepEqual(words("cafe\u0301 👩‍🔬👍🏽🇫🇷!"), ["cafe\u0301", "👩‍🔬", "👍🏽", "🇫🇷", "!"]);
  });

  it("finds nothing in white space", () => {
    assert.deepEqual(words(" \n\t\u00a0"), []);
    assert.deepEqual(words(""), []);
  });
});

describe("wordIndexAt", () => {
  const list = findWords("ab  cd"); // 0-2, 4-6

  it("gives the first word that ends after a unit", () => {
    assert.deepEqual(
      [0, 1, 2, 3, 4, 5].map((unit) => wordIndexAt(list, unit)),
      [0, 0, 1, 1, 1, 1],
    );
  });

  it("gives the number of words after the last one", () => {
    assert.equal(wordIndexAt(list, 6), 2);
    assert.equal(wordIndexAt([], 0), 0);
  });
});

describe("snapToWords", () => {
  const list = findWords("one two  three");

  it("grows a range to the words it touches", () => {
    assert.deepEqual(snapToWords(list, { start: 1, end: 5 }), { start: 0, end: 7 });
  });

  it("leaves a word alone that a range only borders on", () => {
    assert.deepEqual(snapToWords(list, { start: 3, end: 7 }), { start: 4, end: 7 });
    assert.deepEqual(snapToWords(list, { start: 4, end: 8 }), { start: 4, end: 7 });
  });

  it("is null between words", () => {
    assert.equal(snapToWords(list, { start: 7, end: 9 }), null);
    assert.equal(snapToWords(findWords("a "), { start: 1, end: 2 }), null);
  });
});

describe("CodePoints", () => {
  it("counts code points where JavaScript counts UTF-16 units", () => {
    const text = "a😀b😀c";
    const codePoints = new CodePoints(text);
    for (const [point, unit] of [0, 1, 3, 4, 6, 7].entries()) {
      assert.equal(codePoints.fromUnit(unit), point);
      assert.equal(codePoints.toUnit(point), unit);
      assert.equal([...text].slice(0, point).join(""), text.slice(0, unit));
    }
  });

  it("leaves offsets alone in a text without pairs", () => {
    const codePoints = new CodePoints("é中a");
    assert.deepEqual(
      [0, 1, 2, 3].map((at) => codePoints.fromUnit(at)),
      [0, 1, 2, 3],
    );
    assert.deepEqual(
      [0, 1, 2, 3].map((at) => codePoints.toUnit(at)),
      [0, 1, 2, 3],
    );
  });

  it("counts half of a pair as a code point of its own", () => {
    const codePoints = new CodePoints("\ud83da😀"); // a lone surrogate, then a pair
    assert.equal(codePoints.fromUnit(4), 3);
    assert.equal(codePoints.toUnit(3), 4);
  });
});
