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
    this.looks = 0;
    this.isShort = true; // less than the time has passed
  }

  /** Something else is on the screen. @param {Promise<unknown>|void} painted settled when it is there, as an image is */
  async restart(painted) {
    const look = (this.looks += 1);
    this.isShort = true;
    this.root.toggleAttribute("data-unseen", true);
    await nextFrame();
    await pause(MIN_VIEWING_MS);
    if (look !== this.looks) return;
    this.isShort = false;
    if (painted) await painted.then(nextFrame, nextFrame).then(() => pause(MIN_VIEWING_MS));
    if (look === this.looks) this.root.toggleAttribute("data-unseen", false);
  }

  get isOver() {
    return !this.root.hasAttribute("data-unseen");
  }

  /** Whether an answer is about what was seen; an image that does not come may be skipped and flagged.
   * @param {import("../types.js").Outcome|"undo"} act */
  allows(act) {
    return act === "label" ? this.isOver : !this.isShort;
  }
}

function nextFrame() {
  return new Promise(requestAnimationFrame);
}

/** @param {number} ms @returns {Promise<void>} */
function pause(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
