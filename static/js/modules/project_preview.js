/** The annotate widget at work beside the form that makes a project: every change of labels or numbers is seen at once. */

import { find, findOptional, readJson } from "../dom.js";
import { readLabels } from "./labels_editor.js";

/**
 * @typedef {import("../types.js").Label} Label
 * @typedef {import("../types.js").Scale} Scale
 *
 * @typedef {object} Kind of project
 * @property {string} widget
 * @property {Label[]} labels that the task type brings
 * @property {Record<string, string>} words by label
 * @property {boolean} scale whether answers are numbers
 * @property {import("../types.js").Content} content of a made-up item
 *
 * @typedef {object} PreviewData
 * @property {Record<string, Kind>} kinds by task type
 * @property {string} task_type of a project that exists
 * @property {string} picture address of a sample image
 *
 * @typedef {Pick<import("../types.js").WidgetOptions, "labels"|"scale"|"settings">} Settings of the form
 */

const TYPING_PAUSE_MS = 250; // before it is drawn again

/** @param {HTMLElement} root */
export default function projectPreview(root) {
  const form = /** @type {HTMLFormElement} */ (root.closest("form"));
  const preview = new Preview(root, form, readJson("preview-data"));
  for (const type of ["input", "change"]) {
    root.addEventListener(type, (event) => event.stopPropagation()); // what is tried out here changes nothing
    form.addEventListener(type, () => preview.updateSoon());
  }
  root.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target instanceof HTMLInputElement) event.preventDefault();
  });
  root.addEventListener("wheel", (event) => event.stopPropagation(), { capture: true }); // the page scrolls
  preview.update();
}

class Preview {
  /** @param {HTMLElement} root @param {HTMLFormElement} form @param {PreviewData} data */
  constructor(root, form, data) {
    this.root = root;
    this.form = form;
    this.data = data;
    this.stage = find(root, "[data-stage]");
    this.drawn = "";
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.timer = undefined;
  }

  updateSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.update(), TYPING_PAUSE_MS);
  }

  /** @returns {Kind|undefined} */
  get kind() {
    const chosen = findOptional(this.form, "[name=task_type]:checked", HTMLInputElement);
    return this.data.kinds[this.data.task_type || (chosen?.value ?? "")];
  }

  async update() {
    const { kind } = this;
    this.root.hidden = !kind;
    if (!kind) return;
    const settings = {
      labels: this.labelsOf(kind),
      scale: kind.scale ? this.readScale() : null,
      settings: { spans_overlap: this.field("spans_overlap")?.checked ?? false },
    };
    const state = JSON.stringify([kind.widget, settings]);
    if (state === this.drawn) return;
    this.drawn = state;
    const { default: makeWidget } = await import(`../widgets/${kind.widget}.js`);
    if (state === this.drawn) this.draw(kind, settings, makeWidget);
  }

  /** @param {Kind} kind @param {Settings} settings @param {import("../types.js").MakeWidget} makeWidget */
  draw(kind, settings, makeWidget) {
    this.stage.replaceChildren(document.importNode(find(this.root, "template", HTMLTemplateElement).content, true));
    const item = { id: 0, external_id: "", picture: this.data.picture, content: kind.content };
    const answerBox = find(this.stage, "[data-answer]");
    const widget = makeWidget({
      ...settings,
      reading: find(this.stage, '[data-part="item"]'),
      controls: find(this.stage, '[data-part="labels"]'),
      topLabels: 0,
      columns: [],
      answer(value) {
        answerBox.textContent = interpolate(gettext("Answered: %s"), [
          widget.describe(value).name || gettext("nothing"),
        ]);
        widget.show({ item });
      },
    });
    const doneButton = find(this.stage, "[data-done]");
    doneButton.hidden = !widget.submit;
    doneButton.addEventListener("click", (event) => widget.submit?.(event));
    widget.show({ item });
    find(this.root, "[data-hint]").textContent = this.hintFor(kind, settings.labels);
  }

  /** @param {Kind} kind @param {Label[]} labels */
  hintFor(kind, labels) {
    if (!kind.scale && !labels.length) {
      return gettext(
        "Give the labels names, and their buttons appear here. Without any, the project has those that an upload brings.",
      );
    }
    if (labels.length && !this.namedLabels(kind).length) {
      return gettext("Without labels of your own these are the answers. Try them: nothing is kept.");
    }
    return gettext("Try it: nothing is kept.");
  }

  /** The labels that have a name. @param {Kind} kind */
  namedLabels(kind) {
    const editor = findOptional(this.form, ".al-labels", HTMLElement);
    return kind.scale || !editor ? [] : readLabels(editor).filter(({ retired }) => !retired);
  }

  /** The labels that have a name, in the words that people read; where there are none those that the task type brings.
   * @param {Kind} kind @returns {Label[]} */
  labelsOf(kind) {
    const named = this.namedLabels(kind);
    return (named.length ? named : kind.labels).map((label) => ({ ...label, words: kind.words[label.name] }));
  }

  /** @param {string} setting */
  field(setting) {
    return findOptional(this.form, `[data-setting="${setting}"]`, HTMLInputElement);
  }

  /** @returns {Scale} */
  readScale() {
    const low = this.readNumber("number_low") ?? 0;
    const high = this.readNumber("number_high") ?? 100;
    const unit = this.field("number_unit")?.value.trim() ?? "";
    return { low, high: high > low ? high : low + 1, step: this.readNumber("number_step"), unit };
  }

  /** @param {string} setting @returns {number|null} */
  readNumber(setting) {
    const text = this.field(setting)?.value ?? "";
    return text === "" || Number.isNaN(Number(text)) ? null : Number(text);
  }
}
