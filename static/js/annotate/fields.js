/** The item of a widget whose item is a record: the names and values of its columns. */

const MAX_SUMMARY_CHARACTERS = 140;
const MAX_INLINE_CHARACTERS = 40; // of a value; a longer one has a line of its own
const SEPARATOR = "|"; // between several values, such as genres: a line may break after it
const NUMBER = /^[-+]?[\d,]*\.?\d+(e[-+]?\d+)?$/i;

/**
 * @typedef {Record<string, unknown>|null|undefined} Fields by column
 * @typedef {{box: HTMLElement, name: HTMLElement, value: HTMLElement}} Pair
 */

/**
 * A list of names and values, rewritten in place so that the next record is painted in the same frame.
 * @param {HTMLElement} reading where the item goes
 * @param {string[]} columns in their order
 */
export function makeFields(reading, columns) {
  const list = document.createElement("dl");
  list.className = "an-fields";
  reading.append(list);
  /** @type {Pair[]} */
  const pairs = [];

  return {
    /** @param {Fields} fields */
    show(fields) {
      const entries = orderedEntries(fields, columns);
      while (pairs.length < entries.length) pairs.push(makePair());
      entries.forEach(([name, value], index) => fillPair(pairs[index], name, value));
      const boxes = pairs.slice(0, entries.length).map(({ box }) => box);
      if (list.childElementCount !== boxes.length) list.replaceChildren(...boxes);
    },
    clear() {
      list.replaceChildren();
    },
  };
}

/** @returns {Pair} */
function makePair() {
  const box = document.createElement("div");
  const name = document.createElement("dt");
  const value = document.createElement("dd");
  name.dir = value.dir = "auto";
  box.append(name, value);
  return { box, name, value };
}

/** @param {Pair} pair @param {string} column @param {unknown} content */
function fillPair({ box, name, value }, column, content) {
  const text = asText(content);
  name.textContent = column;
  value.textContent = text.replaceAll(SEPARATOR, `${SEPARATOR}\u200b`) || "–";
  box.className = classOf(text);
}

/** @param {string} text of a value */
function classOf(text) {
  if (!text) return "is-empty";
  if (NUMBER.test(text)) return "is-number";
  return text.length > MAX_INLINE_CHARACTERS || text.includes("\n") ? "is-long" : "";
}

/** @param {unknown} value */
function asText(value) {
  return value === null || value === undefined ? "" : String(value).trim();
}

/** Names and values in the order of the columns, which JSON does not keep; others come last.
 * @param {Fields} fields @param {string[]} columns @returns {[string, unknown][]} */
function orderedEntries(fields, columns) {
  const present = fields ?? {};
  const names = new Set([...columns.filter((name) => Object.hasOwn(present, name)), ...Object.keys(present)]);
  return [...names].map((name) => [name, present[name]]);
}

/** The beginning of a record: "column: value, ...", without columns that have none.
 * @param {{fields?: Fields}} content @param {string[]} columns */
export function summary(content, columns, maxLength = MAX_SUMMARY_CHARACTERS) {
  const entries = orderedEntries(content.fields, columns).filter(([, value]) => asText(value));
  return entries
    .map(([name, value]) => `${name}: ${asText(value)}`)
    .join(", ")
    .slice(0, maxLength);
}
