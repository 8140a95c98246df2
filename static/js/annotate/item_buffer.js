/** The items at hand, fetched again in the background when few are left: ten in memory, with grids the next one too. */

const SIZE = 10;
const LOW = 3;
const MOST = 100; // the server hands out no more

export class Deck {
  /**
   * @param {(n: number, grids: boolean) => Promise<object[]>} fetchRows lease n items, those held already first
   * @param {() => Set<number>} unwanted items that wait to be sent or are on the screen
   * @param {{size: number, ahead: number}|null} sizes of a grid, and of what is at hand with grids: one, the next one, what is asked between them
   */
  constructor(fetchRows, unwanted, sizes) {
    this.fetchRows = fetchRows;
    this.unwanted = unwanted;
    this.sizes = sizes;
    this.rows = [];
    this.answered = new Set(); // in this page; a reply under way may still name them
    this.loading = null;
    this.dry = false; // the server had nothing more
    this.grids = false; // whether items with the same suggestion come together
    this.alone = new Set(); // items picked out of a grid
    this.tookGrid = false;
  }

  /** Whether to ask for more now; where a model may have ranked anew, also if there was nothing before. */
  get wantsMore() {
    return this.tookGrid ? this.tiles.length < this.sizes.size : this.rows.length <= LOW && !this.dry;
  }

  /** Rows that wait for a grid. */
  get tiles() {
    return this.grids ? this.rows.filter((row) => this.fitsGrid(row)) : [];
  }

  /** Rows that are asked one by one. */
  get singles() {
    return this.grids ? this.rows.filter((row) => !this.fitsGrid(row)) : this.rows;
  }

  fitsGrid({ together, item }) {
    return Boolean(together) && !this.alone.has(item.id);
  }

  /** What comes next: one row, or those of a grid; null when there is none. @returns {object[]|null} */
  take() {
    const [first] = this.rows;
    if (!first) return null;
    const taken = this.grids && this.fitsGrid(first) ? alike(first, this.tiles).slice(0, this.sizes.size) : [first];
    this.rows = this.rows.filter((row) => !taken.includes(row));
    this.tookGrid = taken.length > 1;
    return taken;
  }

  /** Put rows back on top. @param {object[]} rows */
  back(rows) {
    this.rows.unshift(...rows);
  }

  /** Let the best grid come before what is asked one by one. */
  gridFirst() {
    const best = this.tiles[0];
    if (best) this.rows = [best, ...this.rows.filter((row) => row !== best)];
  }

  /** Put rows on top that are to be asked one by one. @param {object[]} rows */
  askAlone(rows) {
    for (const { item } of rows) this.alone.add(item.id);
    this.back(rows);
  }

  /** @param {number} item */
  drop(item) {
    this.rows = this.rows.filter((row) => row.item.id !== item);
  }

  /** Fill up; one call at a time. Throws ApiError. */
  fill() {
    this.loading ??= this.load().finally(() => {
      this.loading = null;
    });
    return this.loading;
  }

  async load() {
    const n = Math.min(MOST, (this.grids ? this.sizes.ahead : SIZE) + this.unwanted().size);
    const rows = await this.fetchRows(n, this.grids);
    const unwanted = this.unwanted();
    const known = new Set(this.rows.map((row) => row.item.id));
    const fresh = rows.filter(
      ({ item }) => !unwanted.has(item.id) && !known.has(item.id) && !this.answered.has(item.id),
    );
    this.rows.push(...fresh);
    this.dry = fresh.length === 0;
  }

  /** After a long absence: what is not ours any more goes. */
  async renew() {
    await this.loading?.catch(() => {});
    this.rows = [];
    await this.fill();
  }
}

/** The rows that may stand in one grid: those with the suggestion of the first. @param {object} first @param {object[]} rows */
function alike(first, rows) {
  const said = JSON.stringify(first.suggestion);
  return rows.filter((row) => JSON.stringify(row.suggestion) === said);
}
