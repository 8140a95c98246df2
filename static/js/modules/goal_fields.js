/**
 * The goal of a project: shows the settings of the one that is chosen, and offers the labels of the form as the label
 * to find. `project_form` sends them.
 */

import { find, findAll, findOptional } from "../dom.js";
import { readLabels } from "./labels_editor.js";

const [TRAIN_MODEL, FIND_ALL] = ["train_model", "find_all"];

/** @param {HTMLElement} root */
export default function goalFields(root) {
  new GoalFields(root, /** @type {HTMLFormElement} */ (root.closest("form"))).start();
}

class GoalFields {
  /** @param {HTMLElement} root @param {HTMLFormElement} form */
  constructor(root, form) {
    this.root = root;
    this.form = form;
    this.storedGoal = this.goal = this.chosenGoal;
  }

  start() {
    this.form.addEventListener("change", () => this.update());
    this.form.addEventListener("input", () => this.offerLabels());
    this.update();
  }

  get chosenGoal() {
    return find(this.root, "[name=goal]:checked", HTMLInputElement).value;
  }

  update() {
    this.showWhereItCanBeChosen();
    const goal = this.root.hidden ? TRAIN_MODEL : this.chosenGoal;
    for (const part of findAll(this.form, "[data-goals]")) part.hidden = !part.dataset.goals?.split(" ").includes(goal);
    const change = findOptional(this.root, "[data-change]", HTMLElement);
    if (change) change.hidden = goal === this.storedGoal;
    if (goal !== this.goal) this.changeDefaults(goal);
    this.goal = goal;
    if (goal === FIND_ALL) this.nameFirstLabels();
    this.offerLabels();
  }

  /** Only where an item has one of some labels can all items of one of them be found. */
  showWhereItCanBeChosen() {
    const taskType = findOptional(this.form, "[name=task_type]:checked", HTMLInputElement);
    if (taskType) this.root.hidden = !("findable" in taskType.dataset);
  }

  /** Fields that still have the default of the goal before get that of this one. @param {string} goal */
  changeDefaults(goal) {
    for (const field of findAll(this.form, "[data-defaults]", HTMLInputElement)) {
      const defaults = JSON.parse(field.dataset.defaults ?? "{}");
      if (field.value === String(defaults[this.goal])) field.value = String(defaults[goal]);
    }
  }

  /** Name the labels of a new project where nobody has named any yet. */
  nameFirstLabels() {
    const names = findAll(this.form, "[data-rows] [data-part=name]", HTMLInputElement);
    if (this.form.dataset.method !== "POST" || names.length !== 2 || names.some(({ value }) => value.trim())) return;
    names[0].value = gettext("Relevant");
    names[1].value = gettext("Not relevant");
    names[0].dispatchEvent(new Event("input", { bubbles: true }));
  }

  offerLabels() {
    const list = findOptional(this.root, "[data-setting=label_to_find]", HTMLSelectElement);
    const labels = findOptional(this.form, ".al-labels", HTMLElement);
    if (!list || !labels) return;
    const names = readLabels(labels)
      .filter(({ retired }) => !retired)
      .map(({ name }) => name);
    const offered = [...list.options].slice(1).map(({ value }) => value);
    if (names.join("\n") === offered.join("\n")) return;
    const chosen = list.value;
    list.length = 1;
    for (const name of names) list.add(new Option(name, name));
    list.value = names.includes(chosen) ? chosen : "";
  }
}
