/** A field to find a label among many by typing: Enter presses the first that fits, the arrows go to another. */

export class LabelFilter {
  /**
   * @param {HTMLElement} controls
   * @param {import("./label_buttons.js").LabelButtons} buttons
   * @param {{onPress: (index: number, event: Event) => void, keepFocus: boolean}} options keepFocus: more labels may follow
   */
  constructor(controls, buttons, { onPress, keepFocus }) {
    this.buttons = buttons;
    this.onPress = onPress;
    this.keepFocus = keepFocus;
    /** @type {number[]} indices of labels */
    this.matches = [];
    this.position = 0; // in the matches
    this.input = document.createElement("input");
    this.input.type = "search";
    this.input.className = "al-input an-filter";
    this.input.placeholder = gettext("Find a label (/)");
    this.input.setAttribute("aria-label", gettext("Find a label"));
    this.input.setAttribute("aria-keyshortcuts", "/");
    this.input.autocomplete = "off";
    this.input.dir = "auto";
    this.input.addEventListener("input", () => this.update());
    this.input.addEventListener("keydown", (event) => this.handleKey(event));
    controls.append(this.input);
  }

  focus() {
    this.input.focus();
  }

  /** @param {KeyboardEvent} event */
  handleKey(event) {
    if (event.isComposing) return;
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && this.query) {
      event.preventDefault();
      const next = this.position + (event.key === "ArrowDown" ? 1 : -1);
      this.moveTo(Math.min(this.matches.length - 1, Math.max(0, next)));
    } else if (event.key === "Enter") {
      event.preventDefault();
      const index = this.query ? this.matches[this.position] : undefined;
      if (index === undefined) return;
      this.reset(!this.keepFocus);
      this.onPress(index, event);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      this.reset(true);
    }
  }

  get query() {
    return this.input.value.trim().toLowerCase();
  }

  /** @param {boolean} leave the field */
  reset(leave) {
    this.input.value = "";
    this.update();
    if (leave) this.input.blur();
  }

  /** Show what matches every word that was typed, and point at a label of exactly this name, else at the first. */
  update() {
    const { query } = this;
    const words = query.split(/\s+/).filter(Boolean);
    this.matches = this.buttons.show((name) => words.every((word) => name.toLowerCase().includes(word)));
    const exact = this.matches.findIndex((index) => this.buttons.labels[index].name.toLowerCase() === query);
    this.moveTo(Math.max(0, exact));
  }

  /** @param {number} position in the matches */
  moveTo(position) {
    this.position = position;
    const pointed = this.query ? this.matches[position] : undefined;
    this.buttons.buttons.forEach((button, index) => button.classList.toggle("is-first", index === pointed));
    if (pointed !== undefined) this.buttons.buttons[pointed].scrollIntoView({ block: "nearest" });
  }
}
