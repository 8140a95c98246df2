/** A search for all items of a label: how much has been found, and what reading on would bring. */

import { fillTable, setText } from "./dom.js";
import { measured, number, percent, time } from "./format.js";

/**
 * @typedef {import("../types.js").DashboardParts} DashboardParts
 * @typedef {import("../types.js").Finding} Finding
 * @typedef {import("../types.js").Progress} Progress
 */

/** @param {DashboardParts} parts @param {Progress} progress */
export function showFinding(parts, { finding }) {
  if (!finding) return;
  const { read, records, found, recall_lower_bound: bound, work_saved: saved } = finding;
  setText(parts["recall-bound"], bound === null ? gettext("not yet") : percent(Math.floor(100 * bound) / 100, 0));
  parts["recall-bound"].toggleAttribute("data-empty", bound === null);
  setText(parts["recall-note"], describeRecall(finding));
  setText(parts.found, number(found));
  setText(parts["found-note"], describeFound(finding));
  setText(parts.read, number(read));
  setText(parts["read-note"], interpolate(gettext("of %(records)s items"), { records: number(records) }, true));
  setText(parts["work-saved"], saved === null ? gettext("not yet") : percent(saved, 0));
  parts["work-saved"].toggleAttribute("data-empty", saved === null);
  setText(parts["next-finds"], describeNext(finding));
  setText(parts.assumption, finding.assumption);
  fillTable(
    parts["finds-table"],
    [gettext("Items read"), gettext("Found")],
    finding.curve.map((point) => [number(point.read), number(point.found)]),
  );
  showEarlier(parts["earlier-figures"], finding);
  showExclusions(parts, finding);
}

/** @param {Finding} finding */
function describeRecall({ recall, recall_lower_bound: bound, confidence }) {
  if (bound === null) return gettext("Shown after the first find");
  const values = { confidence: percent(confidence, 0), recall: percent(recall ?? 0, 0) };
  if (recall === null) return interpolate(gettext("%(confidence)s sure; it rises as finds become rarer"), values, true);
  return interpolate(gettext("%(confidence)s sure\nprobably %(recall)s"), values, true);
}

/** @param {Finding} finding */
function describeFound({ label, expected_relevant_unread: missing }) {
  if (missing === null) return interpolate(gettext("items of “%(label)s”"), { label }, true);
  const values = { label, missing: number(Math.round(missing)) };
  return interpolate(gettext("items of “%(label)s”\nprobably %(missing)s more"), values, true);
}

/** @param {Finding} finding */
function describeNext({ unread, next }) {
  if (!unread) return gettext("Everything has been read.");
  if (next.finds === null) return gettext("Shown after the first find");
  const finds = next.finds < 1 ? gettext("less than one") : number(Math.round(next.finds));
  const text = gettext("Of the next %(records)s items, probably %(finds)s are of this label.");
  return interpolate(text, { records: number(next.records), finds }, true);
}

/** @param {HTMLElement} part @param {Finding} finding */
function showEarlier(part, { earlier }) {
  part.hidden = !earlier;
  if (!earlier) return;
  const figures = earlier.figures.map(
    ({ title, estimate }) => `${title} ${measured(estimate.value, { lower_is_better: false })}`,
  );
  const values = { time: time(earlier.measured_at), figures: figures.join(", "), n: number(earlier.test_answers) };
  setText(part, interpolate(gettext("Last measured on %(time)s: %(figures)s (n = %(n)s test answers)."), values, true));
}

/** @param {DashboardParts} parts @param {Finding} finding */
function showExclusions(parts, { exclusion_reasons: reasons }) {
  parts["exclusions-box"].hidden = !reasons.length;
  const rows = reasons.map(({ reason, count }) => [reason, number(count)]);
  fillTable(parts.exclusions, [gettext("Reason"), gettext("Answers")], rows);
}
