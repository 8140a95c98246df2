/** Pictures of the items at hand, decoded before they are wanted, so that the next one is painted at once. */

const KEPT = 16; // the ten ahead, the one on the screen, and a few to go back to

/** Where the picture of an item is. @param {number} item @param {"thumb"|"screen"|"full"} size */
export function addressOf(item, size = "screen") {
  return new URL(`../items/${item}/image/?size=${size}`, location.href).href; // pages of a project are side by side
}

/** Words for the picture of an item: the name of its file, without folders. @param {{id: number, external_id: string}} item */
export function nameOf(item) {
  return item.external_id?.split("/").at(-1) || interpolate(gettext("Image %s"), [item.id]);
}

export class Pictures {
  /** @param {{size?: "thumb"|"screen", kept?: number}} [options] */
  constructor({ size = "screen", kept = KEPT } = {}) {
    this.size = size;
    this.most = kept;
    /** @type {Map<number, HTMLImageElement>} oldest first */
    this.kept = new Map();
  }

  /** The picture of an item, on its way if it was not asked for before. @param {object} item */
  of(item) {
    const image = this.kept.get(item.id) ?? fetched(item.picture ?? addressOf(item.id, this.size), nameOf(item));
    this.kept.delete(item.id);
    this.kept.set(item.id, image);
    for (const id of this.kept.keys()) {
      if (this.kept.size <= this.most) break;
      this.kept.delete(id);
    }
    return image;
  }

  /** Forget one that could not be loaded. @param {object} item */
  drop(item) {
    this.kept.delete(item.id);
  }

  /** Get ready what comes next. @param {object[]} rows */
  ahead(rows) {
    for (const row of [...rows].reverse()) this.of(row.item); // the very next one is dropped last
  }
}

/** @param {string} address @param {string} words */
export function fetched(address, words) {
  const image = new Image();
  image.decoding = "sync"; // it is decoded by then: painted with the rest of the frame
  image.src = address;
  image.alt = words;
  image.decode().catch(() => {}); // whoever shows it finds out
  return image;
}
