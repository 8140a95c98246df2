/** The item of a widget whose item is a record: the names and values of its columns. */

const SUMMARY = 140; // characters
const LONG = 40; // characters of a value from which it has a line of its own
const BAR = "|"; // between several values, such as genres: a line may end behind it
const NUMBER = /^[-+]?[\d,]*\.?\d+(e[-+]?\d+)?$/i;

/**
 * A list of names and values, rewritten in place so that the next record is painted in the same frame.
 * @param {HTMLElement} reading where the item goes
 * @param {string[]} columns in their order
 */
export function makeFields(reading, columns) {
  const list = document.createElement("dl");
  list.className = "an-fields";
  reading.append(list);
  const pairs = [];

  return {
    /** @param {Record<string, any>} fields */
    show(fields) {
      const rows = inOrder(fields, columns);
      while (pairs.length < rows.length) pairs.push(makePair());
      rows.forEach(([name, value], n) => fillPair(pairs[n], name, value));
      const wanted = pairs.slice(0, rows.length).map(({ box }) => box);
      if (list.childElementCount !== wanted.length) list.replaceChildren(...wanted);
    },
    clear() {
      list.replaceChildren();
    },
  };
}

function makePair() {
  const box = document.createElement("div");
  const name = document.createElement("dt");
  const value = document.createElement("dd");
  name.dir = value.dir = "auto";
  box.append(name, value);
  return { box, name, value };
}

function fillPair({ box, name, value }, key, given) {
  const text = written(given);
  name.textContent = key;
  value.textContent = text.replaceAll(BAR, `${BAR}\u200b`) || "–";
  box.className = kindOf(text);
}

function kindOf(text) {
  if (!text) return "is-empty";
  if (NUMBER.test(text)) return "is-number";
  return text.length > LONG || text.includes("\n") ? "is-long" : "";
}

function written(value) {
  return value === null || value === undefined ? "" : String(value).trim();
}

/** JSON keeps no order of names. */
function inOrder(fields, columns) {
  const given = fields ?? {};
  const names = new Set([...columns.filter((name) => Object.hasOwn(given, name)), ...Object.keys(given)]);
  return [...names].map((name) => [name, given[name]]);
}

/** The beginning of a record: what its columns say. @param {{fields?: Record<string, any>}} content */
export function summary(content, columns, most = SUMMARY) {
  const said = inOrder(content.fields, columns).filter(([, value]) => written(value));
  return said
    .map(([name, value]) => `${name}: ${written(value)}`)
    .join(", ")
    .slice(0, most);
}
