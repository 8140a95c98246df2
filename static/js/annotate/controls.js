/** The buttons and the keys of the annotate screen. */

import { closest } from "../dom.js";
import { forgetPress, isBounce } from "./bounce.js";
import { scrollByKey } from "./reading_pane.js";
import { isChord, isPlain, isWithin, meaningOf } from "./shortcuts.js";
import { undoLast } from "./undoing.js";

/**
 * @typedef {import("./screen.js").Screen} Screen
 * @typedef {Record<string, (event: Event) => unknown>} Actions by the name in `data-action`, and in ACTIONS of shortcuts.js
 */

/** @param {Screen} screen */
export function connectControls(screen) {
  /** @type {Actions} */
  const actions = {
    skip: () => screen.answer("skip", null),
    undo: () => screen.widget.undo?.() || undoLast(screen),
    submit: (event) => screen.submit(event),
    confirm: () => screen.inGrid && screen.grid?.confirm(),
    grids: () => screen.toggleGrids(),
    flag: () => screen.assignment && screen.panels.openFlag(),
    guidelines: () => screen.panels.toggleGuidelines(),
    accept: () => screen.accept(),
    reject: () => screen.reject(),
    keys: () => screen.panels.openKeys(),
    clear: () => screen.panels.dismiss(),
    history: () => screen.panels.toggleHistory(),
    skipped: () => takeSkipped(screen),
  };
  addEventListener("keydown", (event) => handleKey(screen, event, actions));
  const isLabel = (/** @type {Event} */ { target }) => isWithin(target, ".an-label");
  addEventListener("pointerdown", (event) => isLabel(event) || forgetPress(), { capture: true });
  screen.root.addEventListener("click", (event) => {
    const button = closest(event, "[data-action]");
    if (!button?.dataset.action) return;
    actions[button.dataset.action](event);
    if (event.detail > 0 && document.activeElement === button) screen.focusItem();
  });
}

/** @param {Screen} screen @param {KeyboardEvent} event @param {Actions} actions */
function handleKey(screen, event, actions) {
  if (screen.panels.isDialogOpen) return;
  const isHandled = screen.inGrid ? isHandledByGrid(screen, event) : isHandledByWidget(screen, event);
  if (isHandled || isHandledByReading(screen, event)) {
    forgetPress();
    event.preventDefault();
    return;
  }
  const meaning = meaningOf(event, screen.config.labels);
  if (!meaning) return;
  const action = "action" in meaning ? meaning.action : null;
  if (action !== "clear") event.preventDefault();
  if (event.repeat) return; // a key held down answers once
  if (action) actions[action](event);
  else if ("label" in meaning) pressLabel(screen, meaning.label, event);
}

/** @param {Screen} screen @param {number} index @param {KeyboardEvent} event */
function pressLabel({ current, widget }, index, event) {
  if (current && !isBounce(index, event)) widget.press(index, event);
}

/** @param {Screen} screen @param {KeyboardEvent} event */
function isHandledByGrid({ grid, widget }, event) {
  return isPlain(event) && (grid?.handleKey(event) || widget.handleKeyInGrid?.(event));
}

/** @param {Screen} screen @param {KeyboardEvent} event */
function isHandledByWidget({ assignment, reasons, widget }, event) {
  if (!assignment) return false;
  if (isPlain(event)) return reasons?.handleKey(event) || widget.handleKey?.(event);
  return isChord(event) && widget.handleChord?.(event);
}

/** Show again what the person skipped, where nothing else is left. @param {Screen} screen */
async function takeSkipped(screen) {
  if (screen.current) return;
  await screen.buffer.askForSkipped();
  await screen.checkForItems();
  screen.focusItem();
}

/** Guidelines that have the focus are read first, then the item. @param {Screen} screen @param {KeyboardEvent} event */
function isHandledByReading({ assignment, panels, pane }, event) {
  if (!isPlain(event)) return false;
  if (isWithin(event.target, '[data-part="guidelines"]') && scrollByKey(event, panels.guidelines)) return true;
  return Boolean(assignment) && pane.handleKey(event);
}
