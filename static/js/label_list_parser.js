/** Labels from what people have: one a line, CSV or TSV with a header, or JSON. */

const FIELDS = ["name", "key", "color", "description"];

/** @typedef {{name: string, key?: string, color?: string, description?: string}} Label */

/** Read a list of labels; throws an Error that says what is wrong with it. @param {string} text @returns {Label[]} */
export function readList(text) {
  const plain = text.replace(/^\uFEFF/, "").trim();
  const found = plain.startsWith("[") ? fromJson(plain) : fromLines(plain);
  const labels = found.map(tidy).filter((label) => label.name);
  if (!labels.length) throw new Error(gettext("There is no label in this list."));
  return labels.filter((label, place) => labels.findIndex((other) => other.name === label.name) === place);
}

/** @param {string} text */
function fromJson(text) {
  try {
    return JSON.parse(text).map((one) => (typeof one === "object" && one ? one : { name: one }));
  } catch {
    throw new Error(gettext("This is no JSON list of names, or of objects with a name."));
  }
}

/** @param {string} text */
function fromLines(text) {
  const lines = text.split(/\r?\n/);
  const delimiter = [",", "\t", ";"].find((sign) => header(lines[0], sign));
  if (!delimiter) return lines.map((name) => ({ name }));
  const [columns, ...rows] = cells(text, delimiter);
  const names = columns.map((name) => name.trim().toLowerCase());
  return rows.map((row) => Object.fromEntries(names.map((name, place) => [name, row[place] ?? ""])));
}

/** Whether a line names columns: all of them known, and the name among them. */
function header(line, delimiter) {
  const names = line.split(delimiter).map((name) => name.trim().replace(/^"|"$/g, "").toLowerCase());
  return names.includes("name") && names.every((name) => FIELDS.includes(name));
}

/** The cells of a table; quoted ones may hold delimiters, line ends and doubled quotes. */
function cells(text, delimiter) {
  const rows = [[""]];
  let quoted = false;
  for (let place = 0; place < text.length; place += 1) {
    const sign = text[place];
    const row = rows[rows.length - 1];
    if (quoted && sign === '"' && text[place + 1] === '"') row[row.length - 1] += text[(place += 1)];
    else if (sign === '"' && (quoted || !row[row.length - 1])) quoted = !quoted;
    else if (!quoted && sign === delimiter) row.push("");
    else if (!quoted && sign === "\n") rows.push([""]);
    else if (quoted || sign !== "\r") row[row.length - 1] += sign;
  }
  return rows;
}

/** @param {any} label @returns {Label} */
function tidy(label) {
  return Object.fromEntries(FIELDS.map((name) => [name, String(label[name] ?? "").trim()]));
}
