import assert from "node:assert/strict";
import { describe, it } from "node:test";

import "./page.js";
import { digitOf, isChord, isPlain, keyOf, meaningOf } from "../../static/js/annotate/shortcuts.js";

const LABELS = [{ key: "1" }, { key: "h" }, { key: "" }, { key: "ä" }];
const inside = (selector) => new Element([selector]);

/** @param {string} key @param {object} [more] */
const press = (key, more = {}) => ({
  key,
  code: /^\d$/.test(key) ? `Digit${key}` : "",
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  isComposing: false,
  target: null,
  ...more,
});

describe("meaningOf", () => {
  it("is a label's key, before any action", () => {
    assert.deepEqual(meaningOf(press("1"), LABELS), { label: 0 });
    assert.deepEqual(meaningOf(press("h"), LABELS), { label: 1 });
    assert.deepEqual(meaningOf(press("h"), []), { action: "guidelines" });
  });

  it("does not mind Caps Lock", () => {
    assert.deepEqual(meaningOf(press("Ä"), LABELS), { label: 3 });
    assert.deepEqual(meaningOf(press("F"), LABELS), { action: "flag" });
  });

  it("is a digit by its position: AZERTY has other characters there", () => {
    assert.deepEqual(meaningOf(press("&", { code: "Digit1" }), LABELS), { label: 0 });
    assert.deepEqual(meaningOf(press("1", { code: "Numpad1" }), LABELS), { label: 0 });
  });

  it("is a letter by its position where that is no Latin one", () => {
    const onKeyF = { Russian: "а", Greek: "φ", Arabic: "ب", Hebrew: "כ", Korean: "ㄹ" };
    for (const key of Object.values(onKeyF)) {
      assert.deepEqual(meaningOf(press(key, { code: "KeyF" }), []), { action: "flag" });
    }
    assert.deepEqual(meaningOf(press("Р", { code: "KeyH", shiftKey: true }), LABELS), { label: 1 });
    assert.deepEqual(meaningOf(press("لا", { code: "KeyB" }), [{ key: "b" }]), { label: 0 });
    assert.deepEqual(meaningOf(press("؟", { code: "Slash", shiftKey: true }), []), { action: "keys" });
  });

  it("is the label with the letter itself, before the one of its position", () => {
    const labels = [{ key: "f" }, { key: "а" }];
    assert.deepEqual(meaningOf(press("а", { code: "KeyF" }), labels), { label: 1 });
    assert.deepEqual(meaningOf(press("А", { code: "KeyF", shiftKey: true }), labels), { label: 1 });
    assert.deepEqual(meaningOf(press("φ", { code: "KeyF" }), labels), { label: 0 });
  });

  it("is what a Latin layout has on the key, wherever it is: Dvorak, AZERTY", () => {
    assert.deepEqual(meaningOf(press("f", { code: "KeyY" }), []), { action: "flag" });
    assert.equal(meaningOf(press("ö", { code: "KeyF" }), []), null);
  });

  it("is no label for an empty key", () => {
    assert.equal(meaningOf(press("", { code: "" }), LABELS), null);
  });

  it("is an action", () => {
    const actions = { " ": "skip", Backspace: "undo", "?": "keys", Escape: "clear", Enter: "submit", g: "grids" };
    for (const [key, action] of Object.entries(actions)) assert.deepEqual(meaningOf(press(key), LABELS), { action });
  });

  it("is nothing for other keys, names of objects among them", () => {
    for (const key of ["z", "F5", "Tab", "constructor"]) assert.equal(meaningOf(press(key), LABELS), null);
  });

  it("leaves shortcuts of the browser alone", () => {
    for (const modifier of ["ctrlKey", "metaKey", "altKey"]) {
      assert.equal(meaningOf(press("f", { [modifier]: true }), LABELS), null);
    }
  });

  it("leaves what is typed into a field alone, and what a keyboard for Chinese composes", () => {
    assert.equal(meaningOf(press("1", { target: inside("input") }), LABELS), null);
    assert.equal(meaningOf(press("1", { target: inside("textarea") }), LABELS), null);
    assert.equal(meaningOf(press("1", { isComposing: true }), LABELS), null);
  });

  it("lets a focused button be pressed by space and Enter, and by nothing else", () => {
    const target = inside("button");
    assert.equal(meaningOf(press(" ", { target }), LABELS), null);
    assert.equal(meaningOf(press("Enter", { target }), LABELS), null);
    assert.deepEqual(meaningOf(press("1", { target }), LABELS), { label: 0 });
  });
});

describe("digitOf", () => {
  it("is empty for arrows of a number pad without Num Lock, and with shift", () => {
    assert.equal(digitOf(press("ArrowLeft", { code: "Numpad4" })), "");
    assert.equal(digitOf(press("!", { code: "Digit1", shiftKey: true })), "");
    assert.equal(digitOf(press("a", { code: "KeyA" })), "");
    assert.equal(digitOf(press("0")), "0");
  });
});

describe("modifiers", () => {
  it("make a chord, but not in a field", () => {
    assert.equal(isChord(press("z", { ctrlKey: true })), true);
    assert.equal(isChord(press("z", { ctrlKey: true, target: inside("input") })), false);
    assert.equal(isChord(press("z")), false);
    assert.equal(isPlain(press("z", { ctrlKey: true })), false);
    assert.equal(isPlain(press("z")), true);
  });

  it("do not change which key it is", () => {
    assert.deepEqual([keyOf(press("Z")), keyOf(press("ArrowUp"))], ["z", "ArrowUp"]);
    assert.equal(keyOf(press("ظ", { code: "Slash" })), "/");
  });
});
