import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { Points, wholeWords, wordAt, wordsOf } from "../../static/js/spans/offsets.js";

/** @param {string} text */
const words = (text) => wordsOf(text).map(({ start, end }) => text.slice(start, end));

describe("wordsOf", () => {
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

describe("wordAt", () => {
  const list = wordsOf("ab  cd"); // 0-2, 4-6

  it("gives the first word that ends after a unit", () => {
    assert.deepEqual(
      [0, 1, 2, 3, 4, 5].map((unit) => wordAt(list, unit)),
      [0, 0, 1, 1, 1, 1],
    );
  });

  it("gives the number of words after the last one", () => {
    assert.equal(wordAt(list, 6), 2);
    assert.equal(wordAt([], 0), 0);
  });
});

describe("wholeWords", () => {
  const list = wordsOf("one two  three");

  it("grows a range to the words it touches", () => {
    assert.deepEqual(wholeWords(list, { start: 1, end: 5 }), { start: 0, end: 7 });
  });

  it("leaves a word alone that a range only borders on", () => {
    assert.deepEqual(wholeWords(list, { start: 3, end: 7 }), { start: 4, end: 7 });
    assert.deepEqual(wholeWords(list, { start: 4, end: 8 }), { start: 4, end: 7 });
  });

  it("is null between words", () => {
    assert.equal(wholeWords(list, { start: 7, end: 9 }), null);
    assert.equal(wholeWords(wordsOf("a "), { start: 1, end: 2 }), null);
  });
});

describe("Points", () => {
  it("counts code points where JavaScript counts UTF-16 units", () => {
    const text = "a😀b😀c";
    const points = new Points(text);
    for (const [point, unit] of [0, 1, 3, 4, 6, 7].entries()) {
      assert.equal(points.fromUnit(unit), point);
      assert.equal(points.toUnit(point), unit);
      assert.equal([...text].slice(0, point).join(""), text.slice(0, unit));
    }
  });

  it("leaves offsets alone in a text without pairs", () => {
    const points = new Points("é中a");
    assert.deepEqual(
      [0, 1, 2, 3].map((at) => points.fromUnit(at)),
      [0, 1, 2, 3],
    );
    assert.deepEqual(
      [0, 1, 2, 3].map((at) => points.toUnit(at)),
      [0, 1, 2, 3],
    );
  });

  it("counts half of a pair as a code point of its own", () => {
    const points = new Points("\ud83da😀"); // a lone surrogate, then a pair
    assert.equal(points.fromUnit(4), 3);
    assert.equal(points.toUnit(3), 4);
  });
});
