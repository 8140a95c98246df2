/** Items leased ahead of the screen, refilled in the background: ten, and with grids the next grid too. */

/**
 * @typedef {import("../types.js").Assignment} Assignment
 * @typedef {import("../types.js").GridSizes} GridSizes
 */

const BUFFER_ITEMS = 10;
const REFILL_AT_ITEMS = 3;
const MAX_REQUEST_ITEMS = 100; // the API's limit

export class ItemBuffer {
  /**
   * @param {(limit: number, grids: boolean, skipped: boolean) => Promise<Assignment[]>} fetchAssignments those leased
   *   already come first; with `skipped` those that the person skipped last
   * @param {() => Set<number>} getBusyItems ids of items that wait to be sent or are on the screen
   * @param {GridSizes|null} sizes null: no grids
   */
  constructor(fetchAssignments, getBusyItems, sizes) {
    this.fetchAssignments = fetchAssignments;
    this.getBusyItems = getBusyItems;
    this.sizes = sizes ?? { size: 1, ahead: BUFFER_ITEMS };
    /** @type {Assignment[]} in the order of the screen */
    this.assignments = [];
    /** @type {Set<number>} ids answered in this page; a response under way may still name them */
    this.answeredItems = new Set();
    /** @type {Promise<void>|null} */
    this.loading = null;
    this.isExhausted = false; // the server had nothing more
    this.usesGrids = false;
    this.wantsSkipped = false; // the next time
    /** @type {Set<number>} ids picked out of a grid */
    this.pickedOutItems = new Set();
    this.tookGrid = false; // the last time
  }

  /** Whether to refill now. After a grid also if there was nothing before: a model may have ranked since. */
  get needsRefill() {
    return this.tookGrid
      ? this.forGrids.length < this.sizes.size
      : this.assignments.length <= REFILL_AT_ITEMS && !this.isExhausted;
  }

  /** Assignments that wait for a grid. */
  get forGrids() {
    return this.usesGrids ? this.assignments.filter((assignment) => this.fitsGrid(assignment)) : [];
  }

  /** Assignments that come one by one. */
  get singles() {
    return this.usesGrids ? this.assignments.filter((assignment) => !this.fitsGrid(assignment)) : this.assignments;
  }

  /** @param {Assignment} assignment */
  fitsGrid({ together, item }) {
    return Boolean(together) && !this.pickedOutItems.has(item.id);
  }

  /** What comes next: one assignment, or those of a grid; null when there is none. @returns {Assignment[]|null} */
  take() {
    const [first] = this.assignments;
    if (!first) return null;
    const isGrid = this.usesGrids && this.fitsGrid(first);
    const taken = isGrid ? withSameSuggestion(first, this.forGrids).slice(0, this.sizes.size) : [first];
    this.assignments = this.assignments.filter((assignment) => !taken.includes(assignment));
    this.tookGrid = taken.length > 1;
    return taken;
  }

  /** @param {Assignment[]} assignments that come next again */
  putBack(assignments) {
    this.assignments.unshift(...assignments);
  }

  /** Let the best grid come before what comes one by one. */
  putGridFirst() {
    const [best] = this.forGrids;
    if (best) this.assignments = [best, ...this.assignments.filter((assignment) => assignment !== best)];
  }

  /** @param {Assignment[]} assignments of a grid that come next, one by one */
  putBackAsSingles(assignments) {
    for (const { item } of assignments) this.pickedOutItems.add(item.id);
    this.putBack(assignments);
  }

  /** @param {number} itemId */
  drop(itemId) {
    this.assignments = this.assignments.filter(({ item }) => item.id !== itemId);
  }

  /** Refill; one call at a time. Throws ApiError. */
  fill() {
    this.loading ??= this.load().finally(() => {
      this.loading = null;
    });
    return this.loading;
  }

  async load() {
    const limit = (this.usesGrids ? this.sizes.ahead : BUFFER_ITEMS) + this.getBusyItems().size;
    const { usesGrids, wantsSkipped } = this;
    const received = await this.fetchAssignments(Math.min(MAX_REQUEST_ITEMS, limit), usesGrids, wantsSkipped);
    this.wantsSkipped = false;
    const buffered = this.assignments.map(({ item }) => item.id);
    const excluded = new Set([...this.getBusyItems(), ...buffered, ...this.answeredItems]);
    const fresh = received.filter(({ item }) => !excluded.has(item.id));
    this.assignments.push(...fresh);
    this.isExhausted = fresh.length === 0;
  }

  /** Let the next refill bring what the person skipped, too. */
  async askForSkipped() {
    await this.loading?.catch(() => {});
    this.answeredItems.clear();
    this.wantsSkipped = true;
  }

  /** Start over with what is still leased to this person, after a long absence. Throws ApiError. */
  async reload() {
    await this.loading?.catch(() => {});
    this.assignments = [];
    await this.fill();
  }
}

/** @param {Assignment} first @param {Assignment[]} assignments */
function withSameSuggestion(first, assignments) {
  const suggestion = JSON.stringify(first.suggestion);
  return assignments.filter((assignment) => JSON.stringify(assignment.suggestion) === suggestion);
}
