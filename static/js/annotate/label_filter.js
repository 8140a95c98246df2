/** A field to find a label among many by typing: Enter presses the first that fits, the arrows go to another. */

export class LabelFilter {
  /**
   * @param {HTMLElement} place
   * @param {import("./label_buttons.js").LabelButtons} buttons
   * @param {{press: (index: number, event: Event) => void, stays: boolean}} options stays: more labels may be wanted
   */
  constructor(place, buttons, { press, stays }) {
    Object.assign(this, { buttons, press, stays });
    this.found = [];
    this.at = 0;
    const input = document.createElement("input");
    input.type = "search";
    input.className = "al-input an-filter";
    input.placeholder = gettext("Find a label (/)");
    input.setAttribute("aria-label", gettext("Find a label"));
    input.setAttribute("aria-keyshortcuts", "/");
    input.autocomplete = "off";
    input.dir = "auto";
    input.addEventListener("input", () => this.narrow());
    input.addEventListener("keydown", (event) => this.pressed(event));
    this.input = input;
    place.append(input);
  }

  focus() {
    this.input.focus();
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.typed) {
      event.preventDefault();
      this.point(Math.min(this.found.length - 1, Math.max(0, this.at + step)));
    } else if (event.key === "Enter") {
      event.preventDefault();
      const index = this.typed ? this.found[this.at] : undefined;
      if (index === undefined) return;
      this.leave(!this.stays);
      this.press(index, event);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      this.leave(true);
    }
  }

  get typed() {
    return this.input.value.trim().toLowerCase();
  }

  leave(away) {
    this.input.value = "";
    this.narrow();
    if (away) this.input.blur();
  }

  /** Show what fits every word that was typed; a label of exactly this name is pointed at, else the first. */
  narrow() {
    const { typed } = this;
    const words = typed.split(/\s+/).filter(Boolean);
    this.found = this.buttons.narrow((name) => words.every((word) => name.toLowerCase().includes(word)));
    const exact = this.found.findIndex((index) => this.buttons.labels[index].name.toLowerCase() === typed);
    this.point(Math.max(0, exact));
  }

  point(at) {
    this.at = at;
    const pointed = this.typed ? this.found[at] : -1;
    this.buttons.buttons.forEach((button, index) => button.classList.toggle("is-first", index === pointed));
    if (pointed >= 0) this.buttons.buttons[pointed].scrollIntoView({ block: "nearest" });
  }
}
