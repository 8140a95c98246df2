/**
 * The image of an item in its frame.
 *
 * The original is loaded only where somebody zooms in so far that the copy for the screen has too few pixels.
 */

import { imageAddress, ImageCache, loadImage } from "./image_cache.js";
import { Viewer } from "./viewer.js";

/** @typedef {import("../types.js").Item} Item */

const MAX_UPSCALING = 1.25; // screen pixels of one pixel of the copy, before the original is loaded

export class ItemImage {
  /** @param {HTMLElement} reading @param {import("./viewer.js").ViewerOptions} [options] */
  constructor(reading, options = {}) {
    this.cache = new ImageCache();
    this.viewer = new Viewer(reading, { ...options, onZoom: () => this.sharpen() });
    this.error = document.createElement("p");
    this.error.className = "an-frame__trouble";
    this.error.setAttribute("role", "alert");
    this.viewer.frame.append(this.error);
    /** @type {Item|null} */
    this.item = null;
    this.isSharp = false;
  }

  /** @param {{item: Item}} assignment @returns {Promise<void>} when it is there, or cannot be loaded */
  show({ item }) {
    this.item = item;
    this.isSharp = false;
    const image = this.cache.get(item);
    this.error.textContent = "";
    this.viewer.show(image, { width: item.content.width, height: item.content.height });
    return image.decode().catch(() => {
      if (this.viewer.image !== image) return;
      this.cache.drop(item);
      this.error.textContent = gettext("The image cannot be loaded. Skip it, or load the page again.");
    });
  }

  clear() {
    this.item = null;
    this.error.textContent = "";
    this.viewer.clear();
  }

  /** @param {{item: Item}[]} assignments that come next */
  prefetch(assignments) {
    this.cache.prefetch(assignments);
  }

  /** Load the original once the copy is shown larger than it is. */
  sharpen() {
    const { item } = this;
    const { image, displayedWidth } = this.viewer;
    const loadedWidth = image?.naturalWidth ?? 0;
    if (this.isSharp || !item || !image || !loadedWidth || loadedWidth >= item.content.width) return;
    if (displayedWidth * devicePixelRatio <= MAX_UPSCALING * loadedWidth) return;
    this.isSharp = true;
    const original = loadImage(imageAddress(item, "full"), image.alt);
    original.decode().then(
      () => this.viewer.image === image && this.viewer.replaceImage(original),
      () => {}, // the copy stays
    );
  }
}
