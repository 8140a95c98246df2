/** The label set of a project: add, remove, reorder, colour. `project_form` reads the rows with `readLabels`. */
import { paint } from "../colors.js";
import { readList } from "../label_list_parser.js";
import { say } from "../notices.js";

/** What the API takes for each row that has a name. @param {HTMLElement} root */
export function readLabels(root) {
  return rowsOf(root)
    .map((row) => ({
      name: part(row, "name").value.trim(),
      key: part(row, "key").value.trim(),
      color: part(row, "color").value,
      description: part(row, "description").value.trim(),
      retired: part(row, "retired")?.checked ?? false,
    }))
    .filter((label) => label.name);
}

/** @param {HTMLElement} root @returns {HTMLElement[]} */
const rowsOf = (root) => [...root.querySelectorAll("[data-rows] > [data-row]")];

/** @param {HTMLElement} row @param {string} name @returns {any} */
const part = (row, name) => row.querySelector(`[data-part="${name}"]`);

/** @param {HTMLElement} row */
const repaint = (row) => paint(row.querySelector("[data-swatch]"), part(row, "color").value);

/** Tell the form, as typing does. @param {HTMLElement} root */
const changed = (root) => root.dispatchEvent(new Event("input", { bubbles: true }));

/** The first value that no row has yet. @param {HTMLElement} root @param {string} name @param {string[]} values */
function free(root, name, values) {
  const used = new Set(rowsOf(root).map((row) => part(row, name).value));
  return values.find((value) => !used.has(value));
}

/** @param {HTMLElement} root */
const freeKey = (root) => free(root, "key", [..."123456789"]) ?? "";

/** A new row at the end, with the next free colour. @param {HTMLElement} root @returns {HTMLElement} */
function append(root) {
  const row = root.querySelector("template").content.firstElementChild.cloneNode(true);
  const colors = [...part(row, "color").options].map((option) => option.value);
  part(row, "color").value = free(root, "color", colors) ?? colors[rowsOf(root).length % colors.length];
  root.querySelector("[data-rows]").append(row);
  repaint(row);
  return row;
}

/** @param {HTMLElement} root */
function add(root) {
  const key = freeKey(root);
  const row = append(root);
  part(row, "key").value = key;
  part(row, "name").focus();
}

/** Add the labels of a list behind those there are, in place of rows without a name. @param {HTMLElement} root */
async function addList(root) {
  const file = /** @type {HTMLInputElement} */ (root.querySelector("[data-file]"));
  const list = /** @type {HTMLTextAreaElement} */ (root.querySelector("[data-list]"));
  const error = root.querySelector("[data-list-error]");
  error.textContent = "";
  let labels;
  try {
    labels = readList(file.files.length ? await file.files[0].text() : list.value);
  } catch (problem) {
    error.textContent = problem.message;
    return;
  }
  for (const row of rowsOf(root)) if (!part(row, "name").value.trim()) row.remove();
  const known = new Set(rowsOf(root).map((row) => part(row, "name").value.trim()));
  const fresh = labels.filter((label) => !known.has(label.name));
  const rows = fresh.map((label) => fill(append(root), label));
  for (const row of rows) if (!part(row, "key").value) part(row, "key").value = freeKey(root); // those given come first
  file.value = list.value = "";
  changed(root);
  const said = interpolate(ngettext("%s label added", "%s labels added", fresh.length), [fresh.length]);
  say(root, said);
  root.querySelector("[data-add]").focus();
}

/** Write a label into a row. @param {HTMLElement} row @param {import("../label_list_parser.js").Label} label */
function fill(row, label) {
  part(row, "name").value = label.name;
  part(row, "key").value = label.key;
  part(row, "description").value = label.description;
  const color = part(row, "color");
  if (/^#[0-9a-f]{6}$/i.test(label.color)) color.add(new Option(label.color, label.color));
  if ([...color.options].some((option) => option.value === label.color)) color.value = label.color;
  repaint(row);
  return row;
}

/** @param {HTMLElement} root @param {HTMLElement} row */
function remove(root, row) {
  const next = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  (next ? part(next, "name") : root.querySelector("[data-add]")).focus();
  changed(root);
  say(root, gettext("Removed"));
}

/** @param {HTMLElement} root @param {HTMLElement} row @param {HTMLElement} button */
function move(root, row, button) {
  const up = "up" in button.dataset;
  const other = up ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  if (up) other.before(row);
  else other.after(row);
  button.focus();
  changed(root);
  say(root, interpolate(gettext("%s is now number %s"), [part(row, "name").value, rowsOf(root).indexOf(row) + 1]));
}

/** @param {HTMLElement} root */
export default function labelsEditor(root) {
  root.addEventListener("click", (event) => {
    const button = /** @type {HTMLElement} */ (event.target).closest("button");
    if (!button) return;
    const row = /** @type {HTMLElement} */ (button.closest("[data-row]"));
    if ("add" in button.dataset) add(root);
    else if ("addList" in button.dataset) addList(root);
    else if ("remove" in button.dataset) remove(root, row);
    else move(root, row, button);
  });
  root.addEventListener("change", (event) => {
    const row = /** @type {HTMLElement} */ (event.target).closest("[data-row]");
    if (row) repaint(/** @type {HTMLElement} */ (row));
  });
  // Enter in a name adds the next label instead of sending the form.
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(/** @type {HTMLElement} */ (event.target).matches("[data-row] input"))) return;
    event.preventDefault();
    add(root);
  });
}
