/**
 * The annotate screen: what happens when.
 *
 * The buffer holds items, the outbox keeps answers, the widget shows one item and takes the answer, the grid shows
 * many, the history has the last ten.
 */

import { api } from "../api.js";
import { find, findOptional } from "../dom.js";
import { makeAnswerBody } from "./answer_body.js";
import { connectControls } from "./controls.js";
import { EmptyState } from "./empty_state.js";
import { Grid } from "./grid.js";
import { prefersGrids, rememberGrids } from "./grid_preference.js";
import { History } from "./history.js";
import { ItemBuffer } from "./item_buffer.js";
import { ItemInfo } from "./item_info.js";
import { keepLeases } from "./leases.js";
import { Outbox } from "./outbox.js";
import { OutboxStatus } from "./outbox_status.js";
import { Panels } from "./panels.js";
import { Progress } from "./progress.js";
import { Stopwatch } from "./stopwatch.js";

/**
 * @typedef {import("../types.js").AnnotateConfig} AnnotateConfig
 * @typedef {import("../types.js").AnswerValue} AnswerValue
 * @typedef {import("../types.js").Assignment} Assignment
 * @typedef {import("../types.js").HistoryEntry} HistoryEntry
 * @typedef {import("../types.js").Outcome} Outcome
 * @typedef {import("./store.js").Operation} Operation
 */

const CHECK_DELAYS_MS = [5_000, 10_000, 20_000, 30_000]; // when nothing is left
const PROGRESS_REFRESH_MS = 60_000;
const MAX_ANNOUNCED_CHARACTERS = 600; // of an item that is read out

export class Screen {
  /** @param {HTMLElement} root @param {AnnotateConfig} config @param {import("../types.js").MakeWidget} makeWidget */
  constructor(root, config, makeWidget) {
    this.root = root;
    this.config = config;
    /** @type {Assignment[]|null} on the screen: one, or those of a grid */
    this.current = null;
    this.checks = 0; // in a row, that found nothing
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.checkTimer = undefined;
    this.isSuggestionRejected = false;
    this.live = find(root, '[data-part="live"]');
    this.reading = find(root, '[data-part="reading"]');
    this.gridsButton = findOptional(root, '[data-part="grids"]', HTMLButtonElement);
    this.stopwatch = new Stopwatch();
    this.outbox = new Outbox({ user: config.user, project: config.project });
    this.buffer = new ItemBuffer(
      (limit, grids, skipped) => api("POST", `projects/${config.project}/next/`, { limit, grids, skipped }),
      () => new Set([...this.outbox.itemIds(), ...(this.current ?? []).map(({ item }) => item.id)]),
      config.grids,
    );
    this.widget = makeWidget({
      reading: find(root, '[data-part="item"]'),
      controls: find(root, '[data-part="labels"]'),
      labels: config.labels,
      topLabels: config.likely,
      settings: config.settings,
      scale: config.scale,
      columns: config.columns,
      answer: (value, event) => (this.inGrid ? this.grid?.setValue(value) : this.answer("label", value, { event })),
    });
    find(root, '[data-part="submit"]').hidden = !this.widget.submit;
    this.grid = config.grids
      ? new Grid(root, { describe: this.widget.describe, onConfirm: () => this.confirmGrid() })
      : null;
    this.history = new History(find(root, '[data-part="history"]'), {
      widget: this.widget,
      labels: config.labels,
      showSuggestions: config.suggestion === "after",
      onUndo: (entries) => this.undo(entries),
    });
    this.progress = new Progress(root, config);
    this.info = new ItemInfo(root);
    this.emptyState = new EmptyState(root);
    this.panels = new Panels(root, {
      onFlag: (comment) => {
        this.answer("flag", null, { comment });
        this.focusItem();
      },
      onClose: () => this.focusItem(),
    });
    this.status = new OutboxStatus(root, {
      history: this.history,
      announce: (text) => this.announce(text),
      onAnswerAgain: (operation) => this.answerAgain(operation),
      onKeepStored: (operation) => this.forget(operation),
    });
  }

  /** The assignment on the screen where it is one alone, else null. */
  get assignment() {
    return this.current?.length === 1 ? this.current[0] : null;
  }

  get inGrid() {
    return this.current !== null && this.current.length > 1;
  }

  /** The suggestion, where people see it before they answer. */
  get shownSuggestion() {
    return this.config.suggestion === "shown" ? (this.assignment?.suggestion ?? null) : null;
  }

  async start() {
    for (const entry of this.config.history.toReversed()) this.history.add([entry], { fresh: false });
    this.listen();
    if (this.grid) this.setGrids(prefersGrids());
    await this.outbox.open();
    for (const operation of this.outbox.sorted()) this.restore(operation);
    this.drawStatus();
    if (!this.config.labels.length && !this.config.scale) {
      this.emptyState.show("labels");
      return;
    }
    await this.refill();
    if (!this.current) this.show(this.buffer.take()); // a rejected answer may be back on the screen already
  }

  /** Show in the history, and count, what an earlier page could not send any more. @param {Operation} operation */
  restore({ kind, uuid, entry }) {
    const shown = this.history.log.find(uuid);
    if (kind === "undo") {
      this.history.remove(uuid);
      if (shown) this.progress.count(shown.outcome, -1);
    } else if (!shown && entry) {
      this.history.add([entry], { fresh: false });
      this.progress.count(entry.outcome, 1);
    }
  }

  // Items

  /** Fetch more in the background. */
  async refill() {
    this.emptyState.setError(this.outbox.isOffline ? "offline" : "");
    if (this.outbox.isOffline) return;
    try {
      await this.buffer.fill();
      this.prefetch();
    } catch (error) {
      const refusal = this.emptyState.explainFailure(error);
      if (refusal) this.outbox.block(refusal);
    }
    this.drawStatus();
  }

  /** Show what comes next, and refill; show the first of that when nothing is on the screen. */
  async next() {
    this.show(this.buffer.take());
    if (!this.buffer.needsRefill) return;
    await this.refill();
    if (!this.current) this.show(this.buffer.take());
  }

  /** Paint assignments now, several as a grid; null shows why there are none. @param {Assignment[]|null} assignments */
  show(assignments) {
    this.current = assignments;
    if (!assignments) {
      this.showEmptyState();
      return;
    }
    clearTimeout(this.checkTimer);
    this.checks = 0;
    this.root.dataset.state = this.inGrid ? "grid" : "item";
    if (this.inGrid) this.showGrid(assignments);
    else this.showItem(assignments[0]);
    this.prefetch();
    this.stopwatch.restart();
  }

  /** @param {Assignment} assignment */
  showItem(assignment) {
    this.reading.scrollTop = 0;
    this.isSuggestionRejected = false;
    this.widget.show(assignment);
    this.info.show(assignment, this.buffer);
    this.widget.rankLabels?.(assignment.label_scores);
    this.widget.suggest(this.shownSuggestion, assignment.suggestion_score);
  }

  /** @param {Assignment[]} assignments */
  showGrid(assignments) {
    this.widget.clear();
    this.widget.suggest(assignments[0].suggestion);
    this.grid?.show(assignments);
  }

  /** Load the images that come next. */
  prefetch() {
    this.widget.prefetch?.(this.buffer.singles);
    this.grid?.prefetch(this.buffer.forGrids);
  }

  /** Nothing to show: say why, and look again quietly. */
  showEmptyState() {
    this.widget.clear();
    this.widget.rankLabels?.(null);
    this.widget.suggest(null);
    const { error } = this.emptyState;
    if (error) this.emptyState.show(error);
    else if (!this.buffer.isExhausted) this.emptyState.show("loading");
    else {
      this.emptyState.showNothingLeft(this.progress);
      this.explainEmptyState();
    }
    clearTimeout(this.checkTimer);
    const delay = CHECK_DELAYS_MS[Math.min(this.checks, CHECK_DELAYS_MS.length - 1)];
    this.checkTimer = setTimeout(() => this.checkForItems(), delay);
  }

  /** Ask the server, which may know of a pause. */
  async explainEmptyState() {
    await this.progress.refresh(this.outbox);
    if (this.current || !this.buffer.isExhausted || this.emptyState.error) return;
    this.emptyState.showNothingLeft(this.progress);
  }

  async checkForItems() {
    if (this.current) return;
    this.checks += 1;
    if (!document.hidden && !this.outbox.blocked && !this.outbox.isOffline) await this.refill();
    if (this.current) return;
    this.show(this.buffer.take());
    if (this.current) this.announce(gettext("There is a new item."));
  }

  // Answers

  /** @param {Outcome} outcome @param {AnswerValue|null} value @param {{comment?: string, event?: Event}} [options] */
  answer(outcome, value, { comment = "", event } = {}) {
    if (!this.assignment) return;
    const entries = [this.send(this.assignment, outcome, value, this.stopwatch.share(), comment)];
    this.history.add(entries);
    this.next();
    this.announceNext(entries);
    if (event instanceof UIEvent && event.detail > 0) this.focusItem(); // a pointer: no button keeps the focus, as space would press it
  }

  /** Send the answers of the grid; what has none comes alone. The time is shared out among the answers. */
  confirmGrid() {
    if (!this.grid) return;
    const { answers, left } = this.grid.takeResult();
    const time = this.stopwatch.share(answers.length);
    const entries = answers.map(({ assignment, value }) => this.send(assignment, "label", value, time));
    if (entries.length) this.history.add(entries);
    this.buffer.putBackAsSingles(left);
    this.next();
    if (entries.length) this.announceNext(entries);
    this.focusItem();
  }

  /** @param {Assignment} assignment @param {Outcome} outcome @param {AnswerValue|null} value
   * @param {import("./stopwatch.js").TimeSpent} time @returns {HistoryEntry} */
  send(assignment, outcome, value, time, comment = "") {
    const suggestion_shown = this.config.suggestion === "shown" && Boolean(assignment.suggestion);
    const body = makeAnswerBody(assignment, { outcome, value, comment, suggestion_shown, ...time });
    const entry = { uuid: body.uuid, outcome, value, row: assignment };
    this.outbox.answer(body, entry);
    this.buffer.answeredItems.add(assignment.item.id);
    this.progress.count(outcome, 1);
    return entry;
  }

  /** Undo answers and show their items again. */
  undo(entries = this.history.log.last) {
    if (!entries || !this.outbox.store) return;
    const answer = this.history.describe(entries).name;
    for (const { uuid, row } of entries) {
      this.history.remove(uuid);
      this.buffer.answeredItems.delete(row.item.id);
      this.buffer.drop(row.item.id);
    }
    if (entries.length > 1) this.grid?.restoreMarks(entries);
    this.showAgain(entries);
    for (const { uuid, outcome, row } of entries) {
      this.outbox.undo(uuid, row.item.id);
      this.progress.count(outcome, -1);
    }
    const values = { answer, text: this.describeCurrent() };
    this.announce(interpolate(gettext("Taken back: %(answer)s. %(text)s"), values, true));
    this.focusItem();
  }

  /** Forget an answer that the server rejected. @param {Operation} operation */
  forget({ id, uuid, entry }) {
    this.outbox.discard(id);
    this.history.remove(uuid);
    if (entry) this.progress.count(entry.outcome, -1);
  }

  /** Bring it back to the screen. @param {Operation} operation */
  answerAgain(operation) {
    this.forget(operation);
    this.buffer.answeredItems.delete(operation.item);
    if (operation.entry) this.showAgain([operation.entry]);
  }

  /** Show items with their answers; what is on the screen comes next. @param {HistoryEntry[]} entries */
  showAgain(entries) {
    if (this.current) this.buffer.putBack(this.current);
    this.show(entries.map(({ row }) => row));
    const [{ value }] = entries;
    if (this.assignment && value) this.widget.setValue?.(value);
  }

  /** Take the suggestion over. */
  accept() {
    if (this.shownSuggestion && !this.isSuggestionRejected) this.widget.accept(this.shownSuggestion);
  }

  reject() {
    if (!this.assignment) return;
    this.isSuggestionRejected = true;
    this.widget.suggest(null);
  }

  /** Answer with what was entered, where an answer has several components. @param {Event} event */
  submit(event) {
    if (this.assignment) this.widget.submit?.(event);
  }

  /** @param {boolean} on whether items with the same suggestion come together */
  setGrids(on) {
    this.buffer.usesGrids = on;
    this.gridsButton?.setAttribute("aria-pressed", String(on));
  }

  /** Change from one by one to grids, or back, and start over with what is buffered. */
  async toggleGrids() {
    if (!this.grid) return;
    this.setGrids(!this.buffer.usesGrids);
    rememberGrids(this.buffer.usesGrids);
    if (this.buffer.usesGrids) await this.refill();
    if (this.current) this.buffer.putBack(this.current);
    this.buffer.putGridFirst();
    await this.next();
  }

  // Other tabs, the outbox

  listen() {
    connectControls(this);
    keepLeases(this);
    this.outbox.on("change", () => this.drawStatus());
    this.outbox.on("notice", (message) => this.announce(message));
    this.outbox.on("answered-elsewhere", (itemId) => this.dropItem(itemId));
    addEventListener("online", () => this.checkForItems());
    setInterval(() => this.progress.refresh(this.outbox), PROGRESS_REFRESH_MS);
  }

  /** Remove what was answered in another tab. @param {number} itemId */
  dropItem(itemId) {
    this.buffer.drop(itemId);
    this.buffer.answeredItems.add(itemId);
    const left = this.current?.filter(({ item }) => item.id !== itemId);
    if (!left || left.length === this.current?.length) return;
    if (left.length) this.show(left);
    else this.next();
  }

  drawStatus() {
    const isSavedNow = this.status.draw(this.outbox);
    if (isSavedNow && !this.current && this.buffer.isExhausted) this.explainEmptyState(); // there may be a pause by now
  }

  // Texts and focus

  /** Away from whatever was pressed. */
  focusItem() {
    if (this.inGrid) this.grid?.focus();
    else this.reading.focus({ preventScroll: true });
  }

  /** What is on the screen. */
  describeCurrent() {
    if (!this.current) return gettext("Nothing left for now.");
    const [{ item, suggestion }] = this.current;
    if (!this.inGrid) return this.widget.summary(item.content, MAX_ANNOUNCED_CHARACTERS, item);
    const values = { n: this.current.length, label: this.widget.describe(suggestion).name };
    return interpolate(gettext("%(n)s images of which the model says: %(label)s"), values, true);
  }

  /** @param {HistoryEntry[]} entries */
  announceNext(entries) {
    const values = { answer: this.history.describe(entries).name, text: this.describeCurrent() };
    this.announce(interpolate(gettext("Answered: %(answer)s. Next: %(text)s"), values, true));
  }

  /** Have a screen reader say something. @param {string} text */
  announce(text) {
    this.live.textContent = text;
  }
}
