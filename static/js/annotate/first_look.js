/**
 * Whether the person can have seen what is on the screen: it was painted, and some time has passed.
 *
 * Before that a press was meant for the item before it: a double click, or a key that bounces.
 */

const MIN_VIEWING_MS = 150; // nobody reacts sooner to what is new

export class FirstLook {
  /** @param {HTMLElement} root has `data-unseen` until then */
  constructor(root) {
    this.root = root;
    this.frame = 0;
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.timer = undefined;
  }

  /** Something else is on the screen. */
  restart() {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.timer);
    this.root.toggleAttribute("data-unseen", true);
    this.frame = requestAnimationFrame(() => {
      this.timer = setTimeout(() => this.root.toggleAttribute("data-unseen", false), MIN_VIEWING_MS);
    });
  }

  get isOver() {
    return !this.root.hasAttribute("data-unseen");
  }
}
