/** Rename, merge or split a label that has answers: show the effects first, and do it when that is confirmed. */

import { api } from "../api.js";
import { find, findAll, formField, localized } from "../dom.js";
import { flash, showSuccess } from "../flash_message.js";
import { attempt } from "../notices.js";
import { isUnfinished } from "../polling.js";
import { askAboutSimilarLabels } from "../similar_labels.js";

/**
 * @typedef {{kind: "rename"|"merge"|"split", label: string, targets: string[]}} Change as the API takes it
 * @typedef {object} Effects of a change, as the API gives them
 * @property {number} answers
 * @property {number} items
 * @property {number} imported
 * @property {number} test
 * @property {number} suggestions
 * @property {string[]} settings
 * @property {boolean} in_background
 */

const POLL_MS = 2000;
const HEADING_ID = "label-changes";

/** What happens, in a sentence. @param {Change} change */
function describeChange({ kind, label, targets }) {
  const names = { label, into: targets.join(", ") };
  if (kind === "rename") return interpolate(gettext("“%(label)s” is called “%(into)s” from now on."), names, true);
  if (kind === "merge") {
    return interpolate(gettext("“%(label)s” goes: its answers say “%(into)s” from now on."), names, true);
  }
  const text = gettext(
    "“%(label)s” goes: its answers are withdrawn, as a whole, and people are asked about these items again.",
  );
  return interpolate(text, names, true);
}

/** @param {Effects} effects @param {Change["kind"]} kind @returns {string[]} */
function describeEffects({ answers, items, imported, test, suggestions, settings, in_background: inBackground }, kind) {
  /** @param {string} text @param {number} n */
  const withCount = (text, n) => interpolate(text, { n: localized(n) }, true);
  const isSplit = kind === "split";
  const lines = [
    withCount(ngettext("%(n)s answer names it", "%(n)s answers name it", answers), answers),
    withCount(ngettext("about %(n)s item", "about %(n)s items", items), items),
  ];
  if (imported) {
    const text = ngettext(
      "%(n)s of the answers came with an upload",
      "%(n)s of the answers came with an upload",
      imported,
    );
    lines.push(withCount(text, imported));
  }
  if (test) {
    const text = ngettext(
      "%(n)s of the answers is about the test sample",
      "%(n)s of the answers are about the test sample",
      test,
    );
    lines.push(withCount(text, test));
  }
  if (suggestions) {
    const text = isSplit
      ? ngettext(
          "%(n)s suggestion in the queue is taken away",
          "%(n)s suggestions in the queue are taken away",
          suggestions,
        )
      : ngettext("%(n)s suggestion in the queue is renamed", "%(n)s suggestions in the queue are renamed", suggestions);
    lines.push(withCount(text, suggestions));
  }
  if (settings.length) lines.push(interpolate(gettext("Settings that name it: %s"), [settings.join(", ")]));
  lines.push(
    isSplit
      ? gettext("Answers with the old label that are still on their way are put aside, and the person is told.")
      : gettext("Answers with the old label that are still on their way are taken as the new one."),
    gettext("The model learns anew at once."),
  );
  if (inBackground) {
    lines.push(gettext("These are many: a worker changes them in the background, and labelling goes on."));
  }
  return lines;
}

/** @param {HTMLElement} section */
export default function labelChanges(section) {
  new LabelChanges(section).start();
}

class LabelChanges {
  /** @param {HTMLElement} section */
  constructor(section) {
    this.section = section;
    this.form = find(section, "[data-plan]", HTMLFormElement);
    this.preview = find(section, "[data-preview]");
    this.sentence = find(section, "[data-sentence]");
    this.effects = find(section, "[data-effects]");
    this.path = `projects/${section.dataset.project}/labels/changes/`;
    /** @type {Change|null} whose effects are shown */
    this.previewed = null;
  }

  start() {
    this.form.addEventListener("input", () => this.showFields());
    this.showFields(); // the browser may have kept what was chosen
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.hidePreview();
      attempt(this.section, () => this.showPreview());
    });
    find(this.section, "[data-cancel]").addEventListener("click", () => {
      this.hidePreview();
      find(this.form, "button").focus();
    });
    find(this.section, "[data-confirm]").addEventListener("click", () => {
      const change = this.previewed;
      if (change) attempt(this.section, () => this.apply(change));
    });
    if (this.section.querySelector("[data-status=queued], [data-status=running]")) this.poll();
  }

  get kind() {
    return /** @type {Change["kind"]} */ (formField(this.form, "kind", HTMLSelectElement).value);
  }

  /** @returns {Change} */
  get change() {
    const { kind } = this;
    const field = this.form.elements.namedItem(kind);
    const text =
      field instanceof HTMLInputElement || field instanceof HTMLSelectElement || field instanceof HTMLTextAreaElement
        ? field.value
        : "";
    const targets = text
      .split("\n")
      .map((name) => name.trim())
      .filter(Boolean);
    return { kind, label: formField(this.form, "label", HTMLSelectElement).value, targets };
  }

  hidePreview() {
    this.previewed = null;
    this.preview.hidden = true;
  }

  showFields() {
    for (const field of findAll(this.form, "[data-for]")) field.hidden = field.dataset.for !== this.kind;
    this.hidePreview();
  }

  async showPreview() {
    const { change } = this;
    const effects = await askAboutSimilarLabels((more) => {
      Object.assign(change, more);
      return api("POST", this.path, { ...change, preview: true });
    });
    this.previewed = change;
    this.sentence.textContent = describeChange(change);
    const lines = describeEffects(effects, change.kind).map((text) => {
      const line = document.createElement("li");
      line.textContent = text;
      return line;
    });
    this.effects.replaceChildren(...lines);
    this.preview.hidden = false;
    this.preview.focus();
  }

  /** @param {Change} change */
  async apply(change) {
    await api("POST", this.path, change);
    this.reload(interpolate(gettext("Done. %s"), [describeChange(change)]));
  }

  /** Load the page again; whoever has changed settings and not saved them is asked first, and may stay.
   * @param {string} message */
  reload(message) {
    this.hidePreview();
    showSuccess(message, HEADING_ID);
    flash(message, HEADING_ID);
    location.reload();
  }

  async poll() {
    /** @type {{status: string}[]|null} newest first */
    const changes = await api("GET", this.path).catch(() => null);
    if (!changes || changes.some(({ status }) => isUnfinished(status))) setTimeout(() => this.poll(), POLL_MS);
    else if (changes[0].status === "done") this.reload(gettext("All answers are changed."));
    else location.reload();
  }
}
