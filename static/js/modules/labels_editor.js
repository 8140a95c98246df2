/** The label set of a project: add, remove, reorder, colour. `project_form` reads the rows with `readLabels`. */

import { messageOf } from "../api.js";
import { paint } from "../colors.js";
import { closest, find, findAll, findOptional } from "../dom.js";
import { parseLabelList } from "../label_list_parser.js";
import { announce } from "../notices.js";

/** @typedef {import("../label_list_parser.js").ParsedLabel} ParsedLabel */

const KEYS = [..."123456789"];

/** What the API takes for each row that has a name. @param {HTMLElement} root */
export function readLabels(root) {
  return rowsOf(root)
    .map((row) => ({
      name: input(row, "name").value.trim(),
      key: input(row, "key").value.trim(),
      color: colorOf(row).value,
      description: input(row, "description").value.trim(),
      retired: findOptional(row, '[data-part="retired"]', HTMLInputElement)?.checked ?? false,
    }))
    .filter((label) => label.name);
}

/** @param {HTMLElement} root */
const rowsOf = (root) => findAll(root, "[data-rows] > [data-row]");

/** @param {HTMLElement} row @param {"name"|"key"|"description"} part */
const input = (row, part) => find(row, `[data-part="${part}"]`, HTMLInputElement);

/** @param {HTMLElement} row */
const colorOf = (row) => find(row, '[data-part="color"]', HTMLSelectElement);

/** @param {HTMLElement} row */
const repaint = (row) => paint(find(row, "[data-swatch]"), colorOf(row).value);

/** Tell the form, as typing does. @param {HTMLElement} root */
const notify = (root) => root.dispatchEvent(new Event("input", { bubbles: true }));

/** The first digit that is no row's key. @param {HTMLElement} root */
function freeKey(root) {
  const used = new Set(rowsOf(root).map((row) => input(row, "key").value));
  return KEYS.find((key) => !used.has(key)) ?? "";
}

/** A new row at the end, with the next free colour. @param {HTMLElement} root @returns {HTMLElement} */
function append(root) {
  const copy = document.importNode(find(root, "template", HTMLTemplateElement).content, true);
  const row = find(copy, "[data-row]");
  const used = new Set(rowsOf(root).map((other) => colorOf(other).value));
  const colors = [...colorOf(row).options].map((option) => option.value);
  colorOf(row).value = colors.find((color) => !used.has(color)) ?? colors[rowsOf(root).length % colors.length];
  find(root, "[data-rows]").append(row);
  repaint(row);
  return row;
}

/** @param {HTMLElement} root */
function add(root) {
  const key = freeKey(root);
  const row = append(root);
  input(row, "key").value = key;
  input(row, "name").focus();
}

/** Add the labels of a list behind those there are, in place of rows without a name. @param {HTMLElement} root */
async function addList(root) {
  const file = find(root, "[data-file]", HTMLInputElement);
  const list = find(root, "[data-list]", HTMLTextAreaElement);
  const error = find(root, "[data-list-error]");
  error.textContent = "";
  let labels;
  try {
    labels = parseLabelList((await file.files?.[0]?.text()) ?? list.value);
  } catch (problem) {
    error.textContent = messageOf(problem);
    return;
  }
  for (const row of rowsOf(root)) if (!input(row, "name").value.trim()) row.remove();
  const existing = new Set(rowsOf(root).map((row) => input(row, "name").value.trim()));
  const added = labels.filter(({ name }) => !existing.has(name));
  const rows = added.map((label) => fill(append(root), label));
  for (const row of rows) if (!input(row, "key").value) input(row, "key").value = freeKey(root); // those of the list come first
  file.value = list.value = "";
  notify(root);
  announce(root, interpolate(ngettext("%s label added", "%s labels added", added.length), [added.length]));
  find(root, "[data-add]").focus();
}

/** Write a label into a row. @param {HTMLElement} row @param {ParsedLabel} label */
function fill(row, label) {
  input(row, "name").value = label.name;
  input(row, "key").value = label.key;
  input(row, "description").value = label.description;
  const color = colorOf(row);
  if (/^#[0-9a-f]{6}$/i.test(label.color)) color.add(new Option(label.color, label.color));
  if ([...color.options].some((option) => option.value === label.color)) color.value = label.color;
  repaint(row);
  return row;
}

/** @param {HTMLElement} root @param {HTMLElement} row */
function remove(root, row) {
  const neighbour = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  (neighbour instanceof HTMLElement ? input(neighbour, "name") : find(root, "[data-add]")).focus();
  notify(root);
  announce(root, gettext("Removed"));
}

/** @param {HTMLElement} root @param {HTMLElement} row @param {HTMLElement} button */
function move(root, row, button) {
  const isUp = "up" in button.dataset;
  const neighbour = isUp ? row.previousElementSibling : row.nextElementSibling;
  if (!neighbour) return;
  if (isUp) neighbour.before(row);
  else neighbour.after(row);
  button.focus();
  notify(root);
  const values = [input(row, "name").value, rowsOf(root).indexOf(row) + 1];
  announce(root, interpolate(gettext("%s is now number %s"), values));
}

/** @param {HTMLElement} root */
export default function labelsEditor(root) {
  root.addEventListener("click", (event) => {
    const button = closest(event, "button");
    if (!button) return;
    const row = closest(event, "[data-row]");
    if ("add" in button.dataset) add(root);
    else if ("addList" in button.dataset) addList(root);
    else if (row && "remove" in button.dataset) remove(root, row);
    else if (row) move(root, row, button);
  });
  root.addEventListener("change", (event) => {
    const row = closest(event, "[data-row]");
    if (row) repaint(row);
  });
  // Enter in a name adds the next label instead of sending the form.
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !closest(event, "[data-row] input")) return;
    event.preventDefault();
    add(root);
  });
}
