/** Find what a page must have: an error names it where a template lacks it. */

/** The first element of a selector.
 * @template {Element} [T=HTMLElement]
 * @param {ParentNode} root @param {string} selector @param {new () => T} [type] @returns {T} */
export function find(root, selector, type = /** @type {any} */ (HTMLElement)) {
  const element = root.querySelector(selector);
  if (element instanceof type) return element;
  throw new Error(`There is no ${type.name} for ${selector} on this page.`);
}

/** The same where there may be none.
 * @template {Element} [T=HTMLElement]
 * @param {ParentNode} root @param {string} selector @param {new () => T} [type] @returns {T|null} */
export function findOptional(root, selector, type) {
  return root.querySelector(selector) && find(root, selector, type);
}

/** All elements of a selector.
 * @template {Element} [T=HTMLElement]
 * @param {ParentNode} root @param {string} selector @param {new () => T} [type] @returns {T[]} */
export function findAll(root, selector, type = /** @type {any} */ (HTMLElement)) {
  return /** @type {T[]} */ ([...root.querySelectorAll(selector)].filter((element) => element instanceof type));
}

/** The closest element around the target of an event, or the target itself.
 * @template {Element} [T=HTMLElement]
 * @param {Event} event @param {string} selector @param {new () => T} [type] @returns {T|null} */
export function closest({ target }, selector, type = /** @type {any} */ (HTMLElement)) {
  const element = target instanceof Element ? target.closest(selector) : null;
  return element instanceof type ? element : null;
}

/** What the server wrote into a JSON script element. @param {string} id @returns {any} */
export function readJson(id) {
  return JSON.parse(document.getElementById(id)?.textContent ?? "null");
}

/** A field of a form by its name.
 * @template {Element} [T=HTMLInputElement]
 * @param {HTMLFormElement} form @param {string} name @param {new () => T} [type] @returns {T} */
export function formField(form, name, type = /** @type {any} */ (HTMLInputElement)) {
  const field = form.elements.namedItem(name);
  if (field instanceof type) return field;
  throw new Error(`There is no ${type.name} called ${name} in this form.`);
}

/** A piece of text that is told apart by its class. @param {string} className @param {string} [text] */
export function span(className, text = "") {
  const element = document.createElement("span");
  element.className = className;
  element.textContent = text;
  return element;
}

/** A count in the reader's language. @param {number} count */
export function localized(count) {
  return count.toLocaleString(document.documentElement.lang);
}
