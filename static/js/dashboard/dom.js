/** Change the page without flicker: nothing is touched that stays the same, so focus and selection stay too. */

/** Make an element. `null`, `undefined` and `false` leave an attribute out.
 * @param {string} tag @param {Record<string, string|number|null|undefined|false>} [attributes] `text` and `data-*` included
 * @param {...Node} children */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "text") element.textContent = String(value);
    else element.setAttribute(name, String(value));
  }
  element.append(...children);
  return element;
}

/** @param {HTMLElement} element @param {string} text */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Set custom properties of CSS. @param {HTMLElement} element @param {Record<string, number>} values by name without dashes */
export function setProperties(element, values) {
  for (const [name, value] of Object.entries(values)) element.style.setProperty(`--${name}`, String(value));
}

/** Give an element the rows of a list: kept by key, made when new, rebuilt when their data changed.
 * @template T
 * @param {HTMLElement} body @param {T[]} list @param {(row: T) => string|number} keyOf
 * @param {(row: T, previous: HTMLElement|undefined) => HTMLElement} build */
export function fill(body, list, keyOf, build) {
  const children = /** @type {HTMLElement[]} */ ([...body.children]);
  const byKey = new Map(children.map((child) => [child.dataset.key, child]));
  let next = body.firstElementChild;
  for (const row of list) {
    const key = String(keyOf(row));
    const state = JSON.stringify(row);
    let element = byKey.get(key);
    byKey.delete(key);
    if (!element || element.dataset.state !== state) {
      const fresh = build(row, element);
      fresh.dataset.key = key;
      fresh.dataset.state = state;
      if (element && element === next) next = next.nextElementSibling;
      element?.remove();
      element = fresh;
    }
    if (element === next) next = next.nextElementSibling;
    else body.insertBefore(element, next);
  }
  for (const stale of byKey.values()) stale.remove();
}

/** A table with one head row, for those who read charts as text.
 * @param {HTMLElement} table @param {string[]} heads @param {string[][]} rows the first cell of each is its head */
export function fillTable(table, heads, rows) {
  if (isUnchanged(table, [heads, rows])) return;
  const headCells = heads.map((text, column) => make("th", { scope: "col", class: column ? "al-number" : null, text }));
  const bodyRows = rows.map(([first, ...rest]) => {
    const cells = rest.map((text) => make("td", { class: "al-number", text }));
    return make("tr", {}, make("th", { scope: "row", text: first }), ...cells);
  });
  table.replaceChildren(make("thead", {}, make("tr", {}, ...headCells)), make("tbody", {}, ...bodyRows));
}

/** A definition list. @param {HTMLElement} list @param {[string, string][]} pairs names and values */
export function fillPairs(list, pairs) {
  if (isUnchanged(list, pairs)) return;
  const elements = pairs.flatMap(([name, value]) => [make("dt", { text: name }), make("dd", { text: value })]);
  list.replaceChildren(...elements);
}

/** Whether an element shows this data already; it is taken to show it from now on.
 * @param {HTMLElement} element @param {unknown} data */
export function isUnchanged(element, data) {
  const state = JSON.stringify(data);
  const isSame = element.dataset.state === state;
  element.dataset.state = state;
  return isSame;
}
