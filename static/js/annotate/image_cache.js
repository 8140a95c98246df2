/** Images of buffered items, decoded before they are shown, so that the next one is painted at once. */

/** @typedef {import("../types.js").Item} Item */

const MAX_IMAGES = 16; // the ten ahead, the one on the screen, and a few to go back to

/** Where the image of an item is. It names the file, as views/images.py does, so that a browser may keep it for good.
 * @param {{id: number, content: Record<string, any>}} item @param {"thumb"|"screen"|"full"} size */
export function imageAddress(item, size = "screen") {
  const [version] = String(item.content.image).split("/").at(-1)?.split(".") ?? [""];
  const query = `size=${size}&v=${version.slice(0, 16)}`;
  return new URL(`../items/${item.id}/image/?${query}`, location.href).href; // pages of a project are side by side
}

/** What the image of an item is called: the name of its file, without folders.
 * @param {{id: number, external_id?: string}} item */
export function imageName(item) {
  return item.external_id?.split("/").at(-1) || interpolate(gettext("Image %s"), [item.id]);
}

/** The least recently used images go first. */
export class ImageCache {
  /** @param {{size?: "thumb"|"screen", maxImages?: number}} [options] */
  constructor({ size = "screen", maxImages = MAX_IMAGES } = {}) {
    this.size = size;
    this.maxImages = maxImages;
    /** @type {Map<number, HTMLImageElement>} by item, the least recently used first */
    this.images = new Map();
  }

  /** The image of an item, which is loaded from now on if it was not before. @param {Item} item */
  get(item) {
    const address = item.picture ?? imageAddress(item, this.size);
    const image = this.images.get(item.id) ?? loadImage(address, imageName(item));
    this.images.delete(item.id);
    this.images.set(item.id, image);
    for (const id of this.images.keys()) {
      if (this.images.size <= this.maxImages) break;
      this.images.delete(id);
    }
    return image;
  }

  /** Forget one that could not be loaded. @param {Item} item */
  drop(item) {
    this.images.delete(item.id);
  }

  /** Load what comes next. @param {{item: Item}[]} assignments */
  prefetch(assignments) {
    for (const { item } of assignments.toReversed()) this.get(item); // the very next one is dropped last
  }
}

/** @param {string} address @param {string} alt */
export function loadImage(address, alt) {
  const image = new Image();
  image.decoding = "sync"; // it is decoded by then: painted with the rest of the frame
  image.src = address;
  image.alt = alt;
  image.decode().catch(() => {}); // whoever shows it finds out
  return image;
}
