/** The annotate widget at work beside the form that makes a project: every change of labels or numbers is seen at once. */
import { readLabels } from "./labels_editor.js";

const PAUSE = 250; // ms without a change before it is drawn anew

/** @param {HTMLElement} root */
export default function projectPreview(root) {
  const preview = new Preview(root, JSON.parse(document.getElementById("preview-data").textContent));
  const form = root.closest("form");
  for (const kind of ["input", "change"]) {
    root.addEventListener(kind, (event) => event.stopPropagation()); // what is tried out here changes nothing
    form.addEventListener(kind, () => preview.soon());
  }
  root.addEventListener(
    "keydown",
    (event) => event.key === "Enter" && event.target.matches("input") && event.preventDefault(),
  );
  root.addEventListener("wheel", (event) => event.stopPropagation(), { capture: true }); // the page scrolls
  preview.show();
}

class Preview {
  constructor(root, data) {
    this.root = root;
    this.form = root.closest("form");
    this.data = data;
    this.stage = root.querySelector("[data-stage]");
    this.shown = "";
    this.timer = 0;
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.show(), PAUSE);
  }

  get kind() {
    return this.data.kinds[this.data.task_type || this.form.querySelector("[name=task_type]:checked")?.value];
  }

  async show() {
    const { kind } = this;
    this.root.hidden = !kind;
    if (!kind) return;
    const wanted = {
      widget: kind.widget,
      labels: this.labels(kind),
      scale: kind.scale ? this.scale() : null,
      settings: this.settings(),
    };
    const words = JSON.stringify(wanted);
    if (words === this.shown) return;
    this.shown = words;
    const { default: makeWidget } = await import(`../widgets/${kind.widget}.js`);
    if (words === this.shown) this.draw(kind, wanted, makeWidget);
  }

  draw(kind, { labels, scale, settings }, makeWidget) {
    this.stage.replaceChildren(this.root.querySelector("template").content.cloneNode(true));
    const part = (name) => this.stage.querySelector(`[data-part="${name}"]`);
    const row = { item: { id: 0, external_id: "", picture: this.data.picture, content: kind.content } };
    const said = this.stage.querySelector("[data-answer]");
    const answer = (value) => {
      said.textContent = interpolate(gettext("Answered: %s"), [widget.describe(value).name || gettext("nothing")]);
      widget.show(row);
    };
    const widget = makeWidget({
      reading: part("item"),
      controls: part("labels"),
      labels,
      likely: 0,
      settings,
      scale,
      columns: [],
      answer,
    });
    const done = this.stage.querySelector("[data-done]");
    done.hidden = !widget.submit;
    done.addEventListener("click", (event) => widget.submit(event));
    widget.show(row);
    this.root.querySelector("[data-hint]").textContent = this.hint(kind, labels);
  }

  hint(kind, labels) {
    if (!kind.scale && !labels.length) {
      return gettext(
        "Give the labels names, and their buttons appear here. Without any, the project has those that an upload brings.",
      );
    }
    if (labels.length && !this.named(kind).length) {
      return gettext("Without labels of your own these are the answers. Try them: nothing is kept.");
    }
    return gettext("Try it: nothing is kept.");
  }

  /** The labels that have a name. */
  named(kind) {
    const editor = this.form.querySelector(".al-labels");
    return kind.scale || !editor ? [] : readLabels(editor).filter(({ retired }) => !retired);
  }

  /** The labels that have a name, in the words that people read; where there are none those that the task type brings. */
  labels(kind) {
    const named = this.named(kind);
    return (named.length ? named : kind.labels).map((label) => ({ ...label, words: kind.words[label.name] }));
  }

  scale() {
    const number = (name, otherwise) => {
      const given = this.form.querySelector(`[data-setting="number_${name}"]`)?.value ?? "";
      return given === "" || Number.isNaN(Number(given)) ? otherwise : Number(given);
    };
    const [low, high] = [number("low", 0), number("high", 100)];
    const unit = this.form.querySelector('[data-setting="number_unit"]')?.value.trim() ?? "";
    return { low, high: high > low ? high : low + 1, step: number("step", null), unit };
  }

  settings() {
    return { spans_overlap: this.form.querySelector('[data-setting="spans_overlap"]')?.checked ?? false };
  }
}
