/** Change the page without flicker: nothing is touched that stays the same, so focus and selection stay too. */

/** Make an element. @param {string} tag @param {object} [attributes] `text` and `data-*` included @param {...Node} children */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") element.textContent = value;
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export function setText(element, text) {
  if (element.textContent !== String(text)) element.textContent = text;
}

export function setShare(element, values) {
  for (const [name, value] of Object.entries(values)) element.style.setProperty(`--${name}`, String(value));
}

/** Give a table body the rows of a list: rows are kept by key, made when new, rebuilt when their data changed.
 * @param {HTMLElement} body @param {object[]} list @param {(row: object) => string} key @param {(row: object) => HTMLElement} build */
export function fill(body, list, key, build) {
  const known = new Map([...body.children].map((child) => [child.dataset.key, child]));
  let next = body.firstElementChild;
  for (const row of list) {
    const name = String(key(row));
    const state = JSON.stringify(row);
    let element = known.get(name);
    known.delete(name);
    if (!element || element.dataset.state !== state) {
      const fresh = build(row, element);
      fresh.dataset.key = name;
      fresh.dataset.state = state;
      if (element === next) next = next?.nextElementSibling ?? null;
      element?.remove();
      element = fresh;
    }
    if (element === next) next = next.nextElementSibling;
    else body.insertBefore(element, next);
  }
  for (const gone of known.values()) gone.remove();
}

/** A table with one head row, for those who read charts as text. @param {(string|number)[][]} rows, the first cell is the head */
export function fillTable(table, heads, rows) {
  const state = JSON.stringify([heads, rows]);
  if (table.dataset.state === state) return;
  table.dataset.state = state;
  const head = make(
    "tr",
    {},
    ...heads.map((text, n) => make("th", { scope: "col", class: n ? "al-number" : null, text })),
  );
  const lines = rows.map(([first, ...rest]) =>
    make(
      "tr",
      {},
      make("th", { scope: "row", text: first }),
      ...rest.map((text) => make("td", { class: "al-number", text })),
    ),
  );
  table.replaceChildren(make("thead", {}, head), make("tbody", {}, ...lines));
}

/** A definition list of [name, value]. */
export function fillPairs(list, pairs) {
  const state = JSON.stringify(pairs);
  if (list.dataset.state === state) return;
  list.dataset.state = state;
  list.replaceChildren(...pairs.flatMap(([name, value]) => [make("dt", { text: name }), make("dd", { text: value })]));
}
