/**
 * The picture of an item in its frame.
 *
 * The original is fetched only where somebody zooms in so far that the copy for the screen has not enough pixels.
 */

import { addressOf, fetched, Pictures } from "./image_cache.js";
import { Viewer } from "./viewer.js";

export class ItemPicture {
  /** @param {HTMLElement} reading @param {object} [options] of the viewer */
  constructor(reading, options = {}) {
    this.pictures = new Pictures();
    this.viewer = new Viewer(reading, { ...options, zoomed: () => this.sharpen() });
    this.trouble = document.createElement("p");
    this.trouble.className = "an-frame__trouble";
    this.trouble.setAttribute("role", "alert");
    this.viewer.frame.append(this.trouble);
    this.item = null;
    this.sharp = false;
  }

  /** @param {object} row */
  show({ item }) {
    this.item = item;
    this.sharp = false;
    const image = this.pictures.of(item);
    this.trouble.textContent = "";
    this.viewer.show(image, item.content);
    image.decode().catch(() => {
      if (this.viewer.image !== image) return;
      this.pictures.drop(item);
      this.trouble.textContent = gettext("The image cannot be loaded. Skip it, or load the page again.");
    });
  }

  clear() {
    this.item = null;
    this.trouble.textContent = "";
    this.viewer.clear();
  }

  /** The rows that come next. @param {object[]} rows */
  ahead(rows) {
    this.pictures.ahead(rows);
  }

  /** Fetch the original once the copy is shown larger than it is. */
  sharpen() {
    const { image } = this.viewer;
    const there = image?.naturalWidth ?? 0;
    if (
      this.sharp ||
      !there ||
      there >= this.item.content.width ||
      this.viewer.across * devicePixelRatio <= 1.25 * there
    ) {
      return;
    }
    this.sharp = true;
    const original = fetched(addressOf(this.item.id, "full"), image.alt);
    original.decode().then(
      () => this.viewer.image === image && this.viewer.sharpen(original),
      () => {},
    );
  }
}
