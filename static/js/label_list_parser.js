/** Labels from what people have: one a line, CSV or TSV with a header, or JSON. */

/** @typedef {{name: string, key: string, color: string, description: string}} ParsedLabel */

const FIELDS = /** @type {const} */ (["name", "key", "color", "description"]);
const DELIMITERS = [",", "\t", ";"];

/** Read a list of labels; throws an Error that says what is wrong with it. @param {string} text @returns {ParsedLabel[]} */
export function parseLabelList(text) {
  const plain = text.replace(/^\uFEFF/, "").trim();
  const rows = plain.startsWith("[") ? fromJson(plain) : fromLines(plain);
  const labels = rows.map(asLabel).filter(({ name }) => name);
  if (!labels.length) throw new Error(gettext("There is no label in this list."));
  return labels.filter((label, index) => labels.findIndex(({ name }) => name === label.name) === index);
}

/** @param {string} text @returns {Record<string, unknown>[]} */
function fromJson(text) {
  try {
    /** @type {unknown[]} */
    const rows = JSON.parse(text);
    return rows.map((row) => (typeof row === "object" && row ? { ...row } : { name: row }));
  } catch {
    throw new Error(gettext("This is no JSON list of names, or of objects with a name."));
  }
}

/** @param {string} text @returns {Record<string, unknown>[]} */
function fromLines(text) {
  const lines = text.split(/\r?\n/);
  const delimiter = DELIMITERS.find((candidate) => isHeader(lines[0], candidate));
  if (!delimiter) return lines.map((name) => ({ name }));
  const [header, ...rows] = parseTable(text, delimiter);
  const names = header.map((name) => name.trim().toLowerCase());
  return rows.map((row) => Object.fromEntries(names.map((name, column) => [name, row[column] ?? ""])));
}

/** Whether a line names columns: all of them known, and the name among them.
 * @param {string} line @param {string} delimiter */
function isHeader(line, delimiter) {
  const names = line.split(delimiter).map((name) => name.trim().replace(/^"|"$/g, "").toLowerCase());
  return names.includes("name") && names.every((name) => FIELDS.some((field) => field === name));
}

/** The cells of a table; quoted ones may hold delimiters, line ends and doubled quotes.
 * @param {string} text @param {string} delimiter @returns {string[][]} */
function parseTable(text, delimiter) {
  const rows = [[""]];
  let isQuoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    const row = rows[rows.length - 1];
    const cell = row.length - 1;
    if (character === '"') {
      if (isQuoted && text[index + 1] === '"') row[cell] += text[(index += 1)];
      else if (isQuoted || !row[cell]) isQuoted = !isQuoted;
      else row[cell] += character;
    } else if (isQuoted) row[cell] += character;
    else if (character === delimiter) row.push("");
    else if (character === "\n") rows.push([""]);
    else if (character !== "\r") row[cell] += character;
  }
  return rows;
}

/** @param {Record<string, unknown>} row @returns {ParsedLabel} */
function asLabel(row) {
  const [name, key, color, description] = FIELDS.map((field) => String(row[field] ?? "").trim());
  return { name, key, color, description };
}
