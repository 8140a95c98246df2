import assert from "node:assert/strict";
import { describe, it } from "node:test";

import "./page.js";
import { parseLabelList } from "../../static/js/label_list_parser.js";

const names = (text) => parseLabelList(text).map(({ name }) => name);
const label = (name, more = {}) => ({ name, key: "", color: "", description: "", ...more });

describe("a list of lines", () => {
  it("has a label a line, without white space and empty lines", () => {
    assert.deepEqual(parseLabelList(" ham \n\n\tspam\r\n"), [label("ham"), label("spam")]);
  });

  it("keeps the first of labels that are the same", () => {
    assert.deepEqual(names("a\nb\na"), ["a", "b"]);
  });

  it("may begin with a byte order mark", () => {
    assert.deepEqual(names("\uFEFFham\nspam"), ["ham", "spam"]);
  });

  it("takes commas for a part of the name where the first line is no header", () => {
    assert.deepEqual(names("red, green\nname, given"), ["red, green", "name, given"]);
  });

  it("takes a first line of unknown columns for a label", () => {
    assert.deepEqual(names("name,weight\nham,3"), ["name,weight", "ham,3"]);
  });
});

describe("a table", () => {
  it("has columns in any order and case", () => {
    const expected = [label("ham", { key: "h", color: "label-2" }), label("spam", { key: "s", color: "#ff0000" })];
    assert.deepEqual(parseLabelList("Color, KEY ,name\nlabel-2,h,ham\n#ff0000, s ,spam\n"), expected);
  });

  it("is separated by commas, tabs or semicolons", () => {
    for (const delimiter of [",", "\t", ";"]) {
      const text = [
        ["name", "description"],
        ["ham", "wanted"],
      ]
        .map((row) => row.join(delimiter))
        .join("\n");
      assert.deepEqual(parseLabelList(text), [label("ham", { description: "wanted" })]);
    }
  });

  it("may hold delimiters, quotes and line ends in quoted cells", () => {
    const text = 'name,description\r\n"a, b","He said ""no""\nand left"\r\nc,plain\r\n';
    assert.deepEqual(parseLabelList(text), [
      label("a, b", { description: 'He said "no"\nand left' }),
      label("c", { description: "plain" }),
    ]);
  });

  it("keeps quotes inside of a cell that does not begin with one", () => {
    assert.deepEqual(names('name,key\n5" disk,d'), ['5" disk']);
  });

  it("may have quoted heads, short rows and rows without a name", () => {
    assert.deepEqual(parseLabelList('"name","key"\nham\n,x\n'), [label("ham")]);
  });

  it("may have a single column", () => {
    assert.deepEqual(names("name\nham\nspam"), ["ham", "spam"]);
  });
});

describe("JSON", () => {
  it("is a list of names, or of objects with a name", () => {
    const text = '["ham", {"name": " spam ", "key": 2, "weight": 3}, 7, null, {"key": "x"}]';
    assert.deepEqual(parseLabelList(text), [label("ham"), label("spam", { key: "2" }), label("7")]);
  });

  it("is refused where it is broken", () => {
    assert.throws(() => parseLabelList('["ham"'), /no JSON list/);
  });
});

describe("a list without labels", () => {
  for (const text of ["", " \n ", "[]", "name,key\n", '[{"key": "x"}]']) {
    it(`is refused: ${JSON.stringify(text)}`, () => assert.throws(() => parseLabelList(text), /no label/));
  }
});
