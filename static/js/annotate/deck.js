/** The items at hand: ten in memory, fetched again in the background when three are left. */

const SIZE = 10;
const LOW = 3;
const MOST = 100; // the server hands out no more

export class Deck {
  /**
   * @param {(n: number) => Promise<object[]>} fetchRows lease n items, those held already first
   * @param {() => Set<number>} unwanted items that wait to be sent or are on the screen
   */
  constructor(fetchRows, unwanted) {
    this.fetchRows = fetchRows;
    this.unwanted = unwanted;
    this.rows = [];
    this.answered = new Set(); // in this page; a reply under way may still name them
    this.loading = null;
    this.dry = false; // the server had nothing more
  }

  get low() {
    return this.rows.length <= LOW;
  }

  /** The next row, or null. */
  take() {
    return this.rows.shift() ?? null;
  }

  /** Put a row back on top. */
  back(row) {
    this.rows.unshift(row);
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
    const n = Math.min(MOST, SIZE + this.unwanted().size);
    const rows = await this.fetchRows(n);
    const unwanted = this.unwanted();
    const known = new Set(this.rows.map((row) => row.item.id));
    const fresh = rows.filter(({ item }) => !unwanted.has(item.id) && !known.has(item.id) && !this.answered.has(item.id));
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
