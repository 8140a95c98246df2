/**
 * The annotate screen: what happens when.
 *
 * The buffer holds items, the outbox keeps answers, the widget shows one item and takes the answer, the grid shows
 * many, the history has the last answers.
 */

import { api } from "../api.js";
import { find, findOptional } from "../dom.js";
import { Announcer } from "./announcer.js";
import { makeAnswerBody } from "./answer_body.js";
import { renameSuggestion, withNewNames } from "./config_changes.js";
import { connectControls } from "./controls.js";
import { EmptyState } from "./empty_state.js";
import { ExclusionReasons } from "./exclusion_reasons.js";
import { FirstLook } from "./first_look.js";
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
import { ProjectChanges } from "./project_changes.js";
import { ReadingPane } from "./reading_pane.js";
import { Stopwatch } from "./stopwatch.js";
import { answerAgain, forget, restore, undo } from "./undoing.js";

/**
 * @typedef {import("../types.js").AnnotateConfig} AnnotateConfig
 * @typedef {import("../types.js").AnswerValue} AnswerValue
 * @typedef {import("../types.js").Assignment} Assignment
 * @typedef {import("../types.js").HistoryEntry} HistoryEntry
 * @typedef {import("../types.js").Outcome} Outcome
 */

const CHECK_DELAYS_MS = [5_000, 10_000, 20_000, 30_000]; // when nothing is left
const PROGRESS_REFRESH_MS = 45_000; // so that people learn of a change within a minute

export class Screen {
  /** @param {HTMLElement} root @param {AnnotateConfig} config @param {import("../types.js").MakeWidget} makeWidget */
  constructor(root, config, makeWidget) {
    this.root = root;
    this.config = config;
    /** @type {Assignment[]|null} on the screen: one, or those of a grid */
    this.current = null;
    this.rejections = 0; // answers that the server did not accept
    this.checks = 0; // in a row, that found nothing
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.checkTimer = undefined;
    this.isSuggestionRejected = false;
    this.announcer = new Announcer(find(root, '[data-part="live"]'), this);
    this.reading = find(root, '[data-part="reading"]');
    this.pane = new ReadingPane(root, this.reading);
    this.firstLook = new FirstLook(root);
    this.gridsButton = findOptional(root, '[data-part="grids"]', HTMLButtonElement);
    this.stopwatch = new Stopwatch();
    this.outbox = new Outbox({ user: config.user, project: config.project });
    this.buffer = new ItemBuffer(
      (limit, grids, skipped) => api("POST", `projects/${config.project}/next/`, { limit, grids, skipped }),
      () => new Set([...this.outbox.itemIds(), ...(this.current ?? []).map(({ item }) => item.id)]),
      config.grids,
    );
    this.makeWidget = makeWidget;
    /** @type {ExclusionReasons|null} */
    this.reasons = null;
    this.widget = this.buildWidget(find(root, '[data-part="labels"]'));
    find(root, '[data-part="submit"]').hidden = !this.widget.submit;
    this.grid = config.grids
      ? new Grid(root, { describe: this.widget.describe, onConfirm: () => this.confirmGrid() })
      : null;
    this.history = new History(find(root, '[data-part="history"]'), {
      widget: this.widget,
      labels: config.labels,
      showSuggestions: config.suggestion === "after",
      entries: config.history,
      fetchOlder: (before) =>
        api("GET", `projects/${config.project}/annotations/mine/?${before ? `before=${before}` : ""}`),
      onUndo: (entries) => this.firstLook.allows("undo") && undo(this, entries),
    });
    this.changes = new ProjectChanges(this);
    this.progress = new Progress(root, (version) => this.changes.check(version), config);
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
      announce: (text) => this.announcer.announce(text),
      onAnswerAgain: (operation) => answerAgain(this, operation),
      onKeepStored: (operation) => forget(this, operation),
    });
  }

  /** A widget for the project as it is now. @param {HTMLElement} controls where its buttons go */
  buildWidget(controls) {
    const { labels, likely, settings, scale, columns, exclusion } = this.config;
    this.reasons = exclusion
      ? new ExclusionReasons(/** @type {HTMLElement} */ (find(this.root, ".an-answer")), {
          labels,
          exclusion,
          hasKeys: !likely,
          answer: (value, event) => this.answer("label", value, { event }),
        })
      : null;
    return this.makeWidget({
      reading: find(this.root, '[data-part="item"]'),
      controls,
      labels,
      topLabels: likely,
      settings,
      scale,
      columns,
      answer: (value, event) => (this.inGrid ? this.grid?.setValue(value) : this.answer("label", value, { event })),
    });
  }

  /** The project has changed: build the widget again; the item and what was entered about it stay.
   * @param {AnnotateConfig} config @param {HTMLElement} controls of a page made now
   * @param {Map<string, string>} names labels that were renamed */
  useConfig(config, controls, names) {
    const draft = this.assignment ? (this.widget.draft?.() ?? null) : null;
    const { scrollTop } = this.reading;
    Object.assign(this.config, { ...config, history: this.config.history });
    const box = /** @type {HTMLElement} */ (find(this.root, ".an-answer"));
    const fresh = document.importNode(controls, true);
    box.replaceChildren(fresh, find(box, ".an-actions"));
    find(this.root, '[data-part="item"]').replaceChildren();
    this.widget = this.buildWidget(fresh);
    if (this.grid) this.grid.describe = this.widget.describe;
    this.history.useWidget(this.widget, config.labels, names);
    for (const assignment of [...(this.current ?? []), ...this.buffer.assignments]) renameSuggestion(assignment, names);
    if (!this.hasAnswers) this.emptyState.show("labels");
    else if (this.current) this.show(this.current);
    else this.next();
    if (draft) this.widget.setValue?.(withNewNames(draft, names));
    this.reading.scrollTop = scrollTop;
  }

  /** The assignment on the screen where it is one alone, else null. */
  get assignment() {
    return this.current?.length === 1 ? this.current[0] : null;
  }

  /** Whether there is anything that can be answered. */
  get hasAnswers() {
    return this.config.labels.length > 0 || this.config.scale !== null;
  }

  get inGrid() {
    return this.current !== null && this.current.length > 1;
  }

  /** The suggestion, where people see it before they answer. */
  get shownSuggestion() {
    return this.config.suggestion === "shown" ? (this.assignment?.suggestion ?? null) : null;
  }

  async start() {
    this.listen();
    if (this.grid) this.setGrids(prefersGrids());
    await this.outbox.open();
    for (const operation of this.outbox.sorted()) restore(this, operation);
    this.drawStatus();
    if (!this.hasAnswers) {
      this.emptyState.show("labels");
      return;
    }
    await this.refill();
    if (!this.current) this.show(this.buffer.take()); // a rejected answer may be back on the screen already
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
    const painted = this.inGrid ? this.showGrid(assignments) : this.showItem(assignments[0]);
    this.prefetch();
    this.firstLook.restart(painted);
    this.stopwatch.restart();
  }

  /** @param {Assignment} assignment */
  showItem(assignment) {
    this.isSuggestionRejected = false;
    this.reasons?.choose(-1);
    const painted = this.widget.show(assignment);
    this.info.show(assignment, this.buffer);
    this.widget.rankLabels?.(assignment.label_scores);
    this.widget.suggest(this.shownSuggestion, assignment.suggestion_score);
    this.pane.scrollToStart();
    return painted;
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
    if (this.current) this.announcer.announce(gettext("There is a new item."));
  }

  // Answers

  /** @param {Outcome} outcome @param {AnswerValue|null} value @param {{comment?: string, event?: Event}} [options] */
  answer(outcome, value, { comment = "", event } = {}) {
    if (!this.assignment) return;
    if (this.firstLook.allows(outcome)) {
      const entries = [this.send(this.assignment, outcome, value, this.stopwatch.share(), comment)];
      this.history.add(entries);
      this.next();
      this.announcer.announceAnswered(entries);
    }
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
    if (entries.length) this.announcer.announceAnswered(entries);
    this.focusItem();
  }

  /** @param {Assignment} assignment @param {Outcome} outcome @param {AnswerValue|null} value
   * @param {import("./stopwatch.js").TimeSpent} time @returns {HistoryEntry} */
  send(assignment, outcome, value, time, comment = "") {
    const reason = outcome === "label" && !this.inGrid ? (this.reasons?.reasonFor(value) ?? "") : "";
    const suggestion_shown = this.config.suggestion === "shown" && Boolean(assignment.suggestion);
    const answer = { outcome, value, ...(reason && { exclusion_reason: reason }) };
    const body = makeAnswerBody(assignment, { ...answer, comment, suggestion_shown, ...time });
    const entry = { uuid: body.uuid, ...answer, created_at: new Date().toISOString(), row: assignment };
    this.outbox.answer(body, entry);
    this.buffer.answeredItems.add(assignment.item.id);
    this.progress.count(entry, 1);
    return entry;
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
    this.outbox.on("notice", (message) => this.announcer.announce(message));
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
    const { length } = this.outbox.rejected;
    if (length > this.rejections) this.progress.refresh(this.outbox); // the project may have changed
    this.rejections = length;
    const isSavedNow = this.status.draw(this.outbox);
    if (isSavedNow && !this.current && this.buffer.isExhausted) this.explainEmptyState(); // there may be a pause by now
  }

  /** Away from whatever was pressed. */
  focusItem() {
    if (this.inGrid) this.grid?.focus();
    else this.reading.focus({ preventScroll: true });
  }
}
