/**
 * Learn what a lead has changed while the page is open: labels, guidelines, settings.
 *
 * The server stamps a project with a version. When it is another one the page is fetched again behind the scenes, and what
 * it shows beside the item is taken from there; the item, and what was entered about it, stay.
 */

import { find, findAll, findOptional, span } from "../dom.js";
import { paint } from "../colors.js";
import { isTyping } from "./shortcuts.js";
import { describeChanges, needsReload, renamedLabels } from "./config_changes.js";

/**
 * @typedef {import("../types.js").AnnotateConfig} AnnotateConfig
 * @typedef {import("./screen.js").Screen} Screen
 */

const BUSY_DELAY_MS = 2_000; // while somebody types or draws
const REPLACED_PARTS = ["descriptions", "keys-list"];

export class ProjectChanges {
  /** @param {Screen} screen */
  constructor(screen) {
    this.screen = screen;
    this.root = screen.root;
    this.news = find(this.root, '[data-part="news"]');
    this.text = find(this.root, '[data-part="guidelines-text"]');
    /** @type {AnnotateConfig} what the person knows of */
    this.known = { ...screen.config };
    /** @type {Set<string>} blocks of the guidelines that the person knows of */
    this.knownBlocks = this.blocks();
    this.isLoading = false;
    this.isPointerDown = false;
    for (const type of ["pointerdown", "pointerup", "pointercancel"]) {
      addEventListener(type, () => (this.isPointerDown = type === "pointerdown"), { capture: true });
    }
  }

  blocks() {
    return new Set([...this.text.children].map((block) => block.textContent ?? ""));
  }

  /** Take over what has changed, where this version is another one. @param {string} version */
  async check(version) {
    if (this.isLoading || version === this.screen.config.version) return;
    this.isLoading = true;
    try {
      const page = await fetchPage();
      const config = page.getElementById("annotate-data")?.textContent;
      if (config) await this.whenIdle(() => this.apply(JSON.parse(config), page));
    } catch {
      // offline: the next check tries again
    } finally {
      this.isLoading = false;
    }
  }

  /** Do something while nobody types or draws. @param {() => void} work */
  async whenIdle(work) {
    while (this.isPointerDown || (isTyping(document.activeElement) && !this.screen.panels.isDialogOpen)) {
      await new Promise((resolve) => {
        setTimeout(resolve, BUSY_DELAY_MS);
      });
    }
    work();
  }

  /** @param {AnnotateConfig} config @param {Document} page */
  apply(config, page) {
    if (needsReload(this.known, config)) {
      this.screen.config.version = config.version;
      this.showNews(
        [gettext("The settings of this project have changed.")],
        [makeButton(gettext("Load the page again"), () => location.reload())],
      );
      return;
    }
    this.replaceGuidelines(page);
    for (const part of REPLACED_PARTS) this.replace(part, page);
    this.screen.useConfig(config, find(page, '[data-part="labels"]'), renamedLabels(this.screen.config, config));
    const hasNewGuidelines = !isSame(this.blocks(), this.knownBlocks);
    const lines = describeChanges(this.known, config, hasNewGuidelines);
    const buttons = [makeButton(gettext("OK"), () => this.dismiss())];
    if (hasNewGuidelines) {
      buttons.unshift(makeButton(gettext("Show the guidelines"), () => this.screen.panels.toggleGuidelines(true)));
    }
    this.showNews(lines, buttons);
  }

  /** Take over the guidelines, and mark the blocks that are new. @param {Document} page */
  replaceGuidelines(page) {
    const text = this.replace("guidelines-text", page);
    if (!text) return;
    this.text = text;
    for (const block of [...text.children]) {
      if (this.knownBlocks.has(block.textContent ?? "")) continue;
      block.classList.add("an-new");
    }
    const button = find(this.root, '[data-part="guidelines-button"]');
    button.hidden = find(page, '[data-part="guidelines-button"]').hidden;
  }

  /** Put a part of another page in the place of this one's. @param {string} part @param {Document} page */
  replace(part, page) {
    const old = findOptional(this.root, `[data-part="${part}"]`, HTMLElement);
    const fetched = page.querySelector(`[data-part="${part}"]`);
    if (!old || !fetched) return null;
    const fresh = /** @type {HTMLElement} */ (document.importNode(fetched, true));
    for (const swatch of findAll(fresh, "[data-color]")) paint(swatch, swatch.dataset.color ?? "");
    old.replaceWith(fresh);
    return fresh;
  }

  /** @param {string[]} lines @param {HTMLElement[]} buttons */
  showNews(lines, buttons) {
    this.news.replaceChildren();
    if (!lines.length) return;
    const banner = document.createElement("div");
    banner.className = "al-banner";
    const text = document.createElement("p");
    text.append(...lines.flatMap((line, index) => (index ? [" ", span("", line)] : [span("", line)])));
    banner.append(text, ...buttons);
    this.news.append(banner);
  }

  /** The person knows of it now. */
  dismiss() {
    this.known = { ...this.screen.config };
    this.knownBlocks = this.blocks();
    for (const block of findAll(this.text, ".an-new")) block.classList.remove("an-new");
    this.news.replaceChildren();
    this.screen.focusItem();
  }
}

/** The same page as the server makes it now. @returns {Promise<Document>} */
async function fetchPage() {
  const response = await fetch(location.pathname, { credentials: "same-origin", headers: { Accept: "text/html" } });
  if (!response.ok) throw new Error(response.statusText);
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

/** @param {Set<string>} a @param {Set<string>} b */
function isSame(a, b) {
  return a.size === b.size && [...a].every((element) => b.has(element));
}

/** @param {string} name @param {() => void} onPress */
function makeButton(name, onPress) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "al-button al-button--small";
  button.textContent = name;
  button.addEventListener("click", onPress);
  return button;
}
