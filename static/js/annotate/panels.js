/** What opens over or beside the item: guidelines, the list of keys, the dialog to flag an item. */

import { find, findAll } from "../dom.js";

export class Panels {
  /** @param {HTMLElement} root @param {{onFlag: (comment: string) => void, onClose: () => void}} options */
  constructor(root, { onFlag, onClose }) {
    this.root = root;
    this.onFlag = onFlag;
    this.onClose = onClose;
    this.guidelines = find(root, '[data-part="guidelines"]');
    this.guidelineButtons = findAll(root, '[data-action="guidelines"][aria-expanded]');
    this.historyButton = find(root, '[data-part="more"]');
    this.keys = find(root, '[data-part="keys"]', HTMLDialogElement);
    this.flag = find(root, '[data-part="flag"]', HTMLDialogElement);
    this.comment = find(this.flag, "textarea", HTMLTextAreaElement);
    this.listen();
  }

  listen() {
    this.flag.addEventListener("close", () => {
      if (this.flag.returnValue === "flag") this.onFlag(this.comment.value.trim());
    });
    this.comment.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.flag.close("flag");
    });
    for (const dialog of [this.flag, this.keys]) {
      for (const button of findAll(dialog, "[data-close]")) {
        button.addEventListener("click", () => dialog.close(button.dataset.close));
      }
    }
  }

  get isDialogOpen() {
    return document.querySelector("dialog[open]") !== null;
  }

  openKeys() {
    this.keys.showModal();
  }

  openFlag() {
    find(this.flag, "form", HTMLFormElement).reset();
    this.flag.returnValue = "";
    this.flag.showModal();
  }

  toggleGuidelines(open = Boolean(this.guidelines.hidden)) {
    this.guidelines.hidden = !open;
    this.root.classList.toggle("has-guidelines", open);
    for (const button of this.guidelineButtons) button.setAttribute("aria-expanded", String(open));
    if (open) this.guidelines.focus({ preventScroll: true });
    else this.onClose();
  }

  /** On a phone only the last answer is in sight. */
  toggleHistory() {
    const open = this.root.classList.toggle("has-history");
    this.historyButton.setAttribute("aria-expanded", String(open));
  }

  /** Close what is open, or leave the control that has the focus. */
  dismiss() {
    if (!this.guidelines.hidden) this.toggleGuidelines(false);
    else if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  }
}
