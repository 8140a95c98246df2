/** Which key means what. Digits by their place on the keyboard, so that AZERTY and the number pad work. */

const ACTIONS = {
  " ": "skip",
  Backspace: "undo",
  f: "flag",
  h: "guidelines",
  a: "accept",
  x: "reject",
  g: "grids",
  "?": "keys",
  Escape: "clear",
  Enter: "submit",
};

/** Whether a key pressed here belongs to the text or control that has the focus. @param {EventTarget|null} target */
export function isTyping(target) {
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable]") !== null;
}

/** @param {EventTarget|null} target */
function isControl(target) {
  return target instanceof Element && target.closest("button, a[href], summary") !== null;
}

/** Whether a key press is for the screen: no shortcut of the browser, and not typed into a field. @param {KeyboardEvent} event */
export function isFree(event) {
  return !(event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target));
}

/** Whether a key is pressed with alt, ctrl or cmd, and not in a field. @param {KeyboardEvent} event */
export function isChord(event) {
  return (event.ctrlKey || event.metaKey || event.altKey) && !event.isComposing && !isTyping(event.target);
}

/** The digit of a key press, by the key's place; empty where it is none. @param {KeyboardEvent} event */
export function digitOf(event) {
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(event.code)?.[1] ?? "";
  const numpadOff = event.code.startsWith("Numpad") && event.key.length > 1; // arrows of a number pad without Num Lock
  return numpadOff || event.shiftKey ? "" : digit;
}

/**
 * The meaning of a key press, or null: {label: index} or {action: name}.
 * @param {KeyboardEvent} event @param {{key: string}[]} labels
 */
export function meaning(event, labels) {
  if (!isFree(event)) return null;
  if ((event.key === " " || event.key === "Enter") && isControl(event.target)) return null;
  const digit = digitOf(event);
  const pressed = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const label = labels.findIndex(({ key }) => key && (key === pressed || key === digit));
  if (label >= 0) return { label };
  return ACTIONS[pressed] ? { action: ACTIONS[pressed] } : null;
}
