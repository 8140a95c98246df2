/**
 * Which key means what. Digits by their position on the keyboard, so that AZERTY and the number pad work; letters by
 * what they are, and by their position where that is no Latin letter: Cyrillic, Greek, Arabic, Hebrew.
 */

/** @typedef {"skip"|"undo"|"flag"|"guidelines"|"accept"|"reject"|"grids"|"keys"|"clear"|"submit"} Action */

/** @type {Map<string, Action>} */
const ACTIONS = new Map([
  [" ", "skip"],
  ["Backspace", "undo"],
  ["f", "flag"],
  ["h", "guidelines"],
  ["a", "accept"],
  ["x", "reject"],
  ["g", "grids"],
  ["?", "keys"],
  ["Escape", "clear"],
  ["Enter", "submit"],
]);

/** A letter of a script that is not Latin; some keys of Arabic give two. */
const OTHER_LETTER = /^(?!\p{Script=Latin})\p{L}[\p{L}\p{M}]?$/u;
const ARABIC_QUESTION_MARK = "؟";

/** Whether an element, or what is around it, matches a selector.
 * @param {EventTarget|null} target @param {string} selector @returns {target is Element} */
export function isWithin(target, selector) {
  return target instanceof Element && target.closest(selector) !== null;
}

/** Whether a key pressed here belongs to the text or control that has the focus. @param {EventTarget|null} target */
export function isTyping(target) {
  return isWithin(target, "input, textarea, select, [contenteditable]");
}

/** @param {KeyboardEvent} event */
function hasModifier({ ctrlKey, metaKey, altKey }) {
  return ctrlKey || metaKey || altKey;
}

/** Whether a key press is for the screen: no shortcut of the browser, and not typed into a field.
 * @param {KeyboardEvent} event */
export function isPlain(event) {
  return !(hasModifier(event) || event.isComposing || isTyping(event.target));
}

/** Whether a key is pressed with alt, ctrl or cmd, and not in a field. @param {KeyboardEvent} event */
export function isChord(event) {
  return hasModifier(event) && !event.isComposing && !isTyping(event.target);
}

/** The digit of a key press, by the key's position; empty where it is none. @param {KeyboardEvent} event */
export function digitOf({ code, key, shiftKey }) {
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(code)?.[1] ?? "";
  const isArrow = code.startsWith("Numpad") && key.length > 1; // a number pad without Num Lock
  return isArrow || shiftKey ? "" : digit;
}

/** The key that was pressed; letters are small, whether shift or Caps Lock are on or not. @param {{key: string}} event */
export function pressedKey({ key }) {
  return key.length === 1 ? key.toLowerCase() : key;
}

/** The key that stands for a command: a letter of another script is the Latin one of its position.
 * @param {Pick<KeyboardEvent, "key"|"code"|"shiftKey">} event */
export function keyOf(event) {
  if (event.key === ARABIC_QUESTION_MARK) return "?";
  if (!OTHER_LETTER.test(event.key)) return pressedKey(event);
  if (event.code === "Slash") return event.shiftKey ? "?" : "/";
  return /^Key([A-Z])$/.exec(event.code)?.[1].toLowerCase() ?? pressedKey(event);
}

/**
 * The meaning of a key press; null where it has none.
 * @param {KeyboardEvent} event @param {{key: string}[]} labels
 * @returns {{label: number}|{action: Action}|null} the index of a label, or an action
 */
export function meaningOf(event, labels) {
  if (!isPlain(event)) return null;
  const pressesControl = event.key === " " || event.key === "Enter";
  if (pressesControl && isWithin(event.target, "button, a[href], summary")) return null;
  const label = labelIndexOf(event, labels);
  if (label >= 0) return { label };
  const action = ACTIONS.get(keyOf(event));
  return action ? { action } : null;
}

/** Index of the label whose key was pressed; -1 where there is none. A label with a letter of the keyboard's own script
 * comes before the one with the Latin letter of that position.
 * @param {KeyboardEvent} event @param {{key: string}[]} labels */
export function labelIndexOf(event, labels) {
  for (const pressed of [pressedKey(event), digitOf(event), keyOf(event)]) {
    const index = labels.findIndex(({ key }) => key && key === pressed);
    if (index >= 0) return index;
  }
  return -1;
}
