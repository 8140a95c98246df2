/**
 * The annotate screen: one key answers, the next item is painted in the same frame.
 *
 * Parts: the deck holds items, the outbox keeps answers, the widget shows one item and takes the
 * answer, the grid shows many, the history has the last ten. This file only says what happens when.
 */

import { api } from "../api.js";
import { Deck } from "../annotate/deck.js";
import { Grid } from "../annotate/grid.js";
import { gridsWanted, wantGrids } from "../annotate/gridchoice.js";
import { History } from "../annotate/history.js";
import { isChord, isFree, meaning } from "../annotate/keys.js";
import { Outbox } from "../annotate/outbox.js";
import { Progress } from "../annotate/progress.js";
import { reasonWords } from "../annotate/reasons.js";
import { drawTrouble, statusOf } from "../annotate/status.js";
import { Stopwatch } from "../annotate/stopwatch.js";

const LOOK_AGAIN_MS = [5_000, 10_000, 20_000, 30_000]; // when nothing is left
const AWAY_MS = 60_000; // after this, others may hold what was ours
const RENEW_MS = 240_000;
const RECOUNT_MS = 60_000;
const ANNOUNCED = 600; // characters of an item that are read out

/** @param {HTMLElement} root */
export default async function annotate(root) {
  const data = JSON.parse(document.getElementById("annotate-data").textContent);
  const { default: makeWidget } = await import(`../widgets/${data.widget}.js`);
  const screen = new Screen(root, data, makeWidget);
  await screen.start();
}

class Screen {
  constructor(root, data, makeWidget) {
    this.data = data;
    this.part = (name) => root.querySelector(`[data-part="${name}"]`);
    this.root = root;
    /** @type {object[]|null} the rows on the screen: one, or those of a grid */
    this.current = null;
    this.lookedAgain = 0;
    this.looking = 0;
    this.hiddenAt = 0;
    this.suggestionGone = false;
    this.stopwatch = new Stopwatch();
    this.outbox = new Outbox({ user: data.user, project: data.project });
    this.deck = new Deck((n, grids) => api("POST", `projects/${data.project}/next/`, { limit: n, grids }), () => this.unwanted(), data.grids);
    this.widget = makeWidget({
      reading: this.part("item"),
      controls: this.part("labels"),
      labels: data.labels,
      likely: data.likely,
      settings: data.settings,
      scale: data.scale,
      columns: data.columns,
      answer: (value, event) => (this.inGrid ? this.grid.give(value) : this.answer("label", value, { event })),
    });
    if (data.grids) this.grid = new Grid(this.part, { describe: this.widget.describe, confirm: () => this.confirm() });
    this.part("submit").hidden = !this.widget.submit;
    this.history = new History(this.part("history"), {
      widget: this.widget,
      labels: data.labels,
      suggestions: data.suggestion === "after",
      takeBack: (entries) => this.takeBack(entries),
    });
    this.progress = new Progress(this.part, data);
  }

  /** The row on the screen where it is one alone, else null. */
  get row() {
    return this.current?.length === 1 ? this.current[0] : null;
  }

  get inGrid() {
    return this.current?.length > 1;
  }

  async start() {
    for (const entry of [...this.data.history].reverse()) this.history.add([entry], { fresh: false });
    this.listen();
    if (this.grid) this.setGrids(gridsWanted());
    await this.outbox.open();
    for (const op of this.outbox.sorted()) this.adopt(op);
    this.outboxChanged();
    if (!this.data.labels.length && !this.data.scale) {
      this.showEmpty("labels");
      return;
    }
    await this.fill();
    if (!this.current) this.show(this.deck.take()); // a refused answer may be back on the screen already
  }

  /** Show in the history, and count, what an earlier page could not send any more. */
  adopt(op) {
    const shown = this.history.find(op.uuid);
    if (op.kind === "undo") {
      this.history.remove(op.uuid);
      if (shown) this.progress.count(shown.outcome, -1);
    } else if (!shown && op.entry) {
      this.history.add([op.entry], { fresh: false });
      this.progress.count(op.entry.outcome, 1);
    }
  }

  unwanted() {
    const items = this.outbox.items();
    for (const { item } of this.current ?? []) items.add(item.id);
    return items;
  }

  // Items

  /** Fetch more in the background; show the first when nothing is on the screen. */
  async fill() {
    this.part("empty").dataset.error = this.outbox.offline ? "offline" : "";
    if (this.outbox.offline) return;
    try {
      await this.deck.fill();
      this.getReady();
    } catch (error) {
      this.part("empty").dataset.error = error.passing ? "offline" : "stopped";
      this.part("stopped").textContent = error.message;
      if (error.status === 401) this.outbox.blocked = { status: 401, message: error.message };
    }
    this.outboxChanged();
  }

  next() {
    this.show(this.deck.take());
    if (this.deck.wantsMore) this.fill().then(() => this.current ?? this.show(this.deck.take()));
  }

  /** Paint rows now, several as a grid; null shows why there are none. */
  show(rows) {
    this.current = rows;
    if (!rows) {
      this.rest();
      return;
    }
    clearTimeout(this.looking);
    this.lookedAgain = 0;
    this.root.dataset.state = this.inGrid ? "grid" : "item";
    if (this.inGrid) this.showGrid(rows);
    else this.showItem(rows[0]);
    this.getReady();
    this.stopwatch.restart();
  }

  showItem(row) {
    this.part("reading").scrollTop = 0;
    this.widget.show(row);
    this.drawReason(row);
    this.drawAlone(row);
    this.drawColumns(row);
    this.drawSuggestion(row);
    this.suggestionGone = false;
  }

  showGrid(rows) {
    this.widget.clear();
    this.widget.suggest(rows[0].suggestion);
    this.grid.show(rows);
  }

  /** Fetch the pictures that come next. */
  getReady() {
    this.widget.ahead?.(this.deck.singles);
    this.grid?.ahead(this.deck.tiles);
  }

  drawReason(row) {
    const [words, sentence] = reasonWords(row);
    this.part("reason").textContent = words;
    this.part("reason").title = sentence;
  }

  /** Say why an item comes by itself to a person who works by grids. */
  drawAlone({ item, round }) {
    if (!this.grid) return;
    const waits = round === null && !this.deck.tiles.length;
    const words = this.deck.alone.has(item.id) ? gettext("You picked it out of the grid.")
      : waits ? gettext("The grid comes when a model has learnt from the first answers. Until then it is one by one.")
        : gettext("Asked alone, between two grids.");
    this.part("alone").textContent = this.deck.grids ? words : "";
  }

  drawColumns({ item }) {
    const columns = Object.entries(item.meta ?? {}).filter(([, value]) => value !== "" && value !== null);
    this.part("columns").replaceChildren(
      ...columns.flatMap(([name, value]) => [element("dt", name), element("dd", String(value))]),
    );
  }

  drawSuggestion(row) {
    this.widget.rank?.(row.label_scores);
    const shown = this.data.suggestion === "shown" ? row.suggestion : null;
    this.widget.suggest(shown, row.suggestion_score);
  }

  /** Nothing to show: say why, and look again quietly. */
  rest() {
    this.widget.clear();
    this.widget.rank?.(null);
    this.widget.suggest(null);
    const error = this.part("empty").dataset.error;
    if (!this.deck.dry && !error) this.showEmpty("loading");
    else if (error) this.showEmpty(error);
    else {
      this.showNothing();
      this.askWhy();
    }
    clearTimeout(this.looking);
    const pause = LOOK_AGAIN_MS[Math.min(this.lookedAgain, LOOK_AGAIN_MS.length - 1)];
    this.looking = setTimeout(() => this.lookAgain(), pause);
  }

  /** The server may know of a pause. */
  async askWhy() {
    await this.progress.recount(this.outbox);
    this.showNothing();
  }

  /** There is a server and it has nothing: because of a pause, or because all is done. */
  showNothing() {
    if (this.current || !this.deck.dry || this.part("empty").dataset.error) return;
    this.part("paused").textContent = this.progress.paused;
    if (this.progress.paused) this.showEmpty("paused");
    else this.showEmpty(this.progress.begun ? "done" : "items");
  }

  async lookAgain() {
    if (this.current) return;
    this.lookedAgain += 1;
    if (!document.hidden && !this.outbox.blocked && !this.outbox.offline) await this.fill();
    if (this.current) return;
    const rows = this.deck.take();
    this.show(rows);
    if (rows) this.announce(gettext("There is a new item."));
  }

  showEmpty(name) {
    this.root.dataset.state = "empty";
    for (const box of this.part("empty").children) box.hidden = box.dataset.empty !== name;
  }

  // Answers

  /** @param {"label"|"skip"|"flag"} outcome */
  answer(outcome, value, { comment = "", event = null } = {}) {
    if (!this.row) return;
    const entries = [this.give(this.row, outcome, value, this.stopwatch.seconds, comment)];
    this.history.add(entries);
    this.next();
    this.announceNext(entries);
    if (event?.detail > 0) this.focusOnItem(); // a pointer: leave no button behind that the space bar presses
  }

  /** Answer what was said in the grid; ask alone what was not. The time is shared out among the answers. */
  confirm() {
    const { answers, open } = this.grid.result();
    const seconds = Math.round((10 * this.stopwatch.seconds) / Math.max(1, answers.length)) / 10;
    const entries = answers.map(({ row, value }) => this.give(row, "label", value, seconds));
    if (entries.length) this.history.add(entries);
    this.deck.askAlone(open);
    this.next();
    if (entries.length) this.announceNext(entries);
    this.focusOnItem();
  }

  /** Put an answer on its way. @returns {import("../annotate/history.js").Entry} */
  give(row, outcome, value, seconds, comment = "") {
    const uuid = crypto.randomUUID?.() ?? uuid4();
    const shown = this.data.suggestion === "shown" && Boolean(row.suggestion);
    const entry = { uuid, outcome, value, row };
    this.outbox.answer({ uuid, item: row.item.id, outcome, value, duration_seconds: seconds, comment, suggestion_shown: shown }, entry);
    this.deck.answered.add(row.item.id);
    this.progress.count(outcome, 1);
    return entry;
  }

  /** @param {import("../annotate/history.js").Entry[]} [entries] the last ones when none are named */
  takeBack(entries = this.history.last) {
    if (!entries || !this.outbox.store) return;
    const name = this.history.answerOf(entries).name;
    for (const { uuid, row } of entries) {
      this.history.remove(uuid);
      this.deck.answered.delete(row.item.id);
      this.deck.drop(row.item.id);
    }
    if (this.current) this.deck.back(this.current);
    if (entries.length > 1) this.grid.recall(entries);
    this.show(entries.map(({ row }) => row));
    if (this.row && entries[0].value) this.widget.fill?.(entries[0].value);
    for (const { uuid, outcome, row } of entries) {
      this.outbox.undo(uuid, row.item.id);
      this.progress.count(outcome, -1);
    }
    this.announce(interpolate(gettext("Taken back: %(answer)s. %(text)s"), { answer: name, text: this.words() }, true));
    this.focusOnItem();
  }

  /** Away from whatever was pressed. */
  focusOnItem() {
    if (this.inGrid) this.grid.focus();
    else this.part("reading").focus({ preventScroll: true });
  }

  /** Bring an answer that the server refused back to the screen. */
  again(op) {
    this.outbox.discard(op.id);
    if (!op.entry) return;
    this.history.remove(op.uuid);
    this.deck.answered.delete(op.item);
    if (this.current) this.deck.back(this.current);
    this.show([op.entry.row]);
    if (op.entry.value) this.widget.fill?.(op.entry.value);
  }

  accept() {
    const value = this.data.suggestion === "shown" && !this.suggestionGone && this.row?.suggestion;
    if (value) this.widget.accept(value);
  }

  /** Answer with what stands, where an answer has several parts. */
  submit(event) {
    if (this.row) this.widget.submit?.(event);
  }

  /** @param {boolean} on whether items with the same suggestion come together */
  setGrids(on) {
    this.deck.grids = on;
    this.part("grids").setAttribute("aria-pressed", String(on));
  }

  /** Change from one by one to grids, or back, and begin anew with what is at hand. */
  async toggleGrids() {
    if (!this.grid) return;
    this.setGrids(!this.deck.grids);
    wantGrids(this.deck.grids);
    if (this.deck.grids) await this.fill();
    if (this.current) this.deck.back(this.current);
    this.deck.gridFirst();
    this.next();
  }

  reject() {
    if (!this.row) return;
    this.suggestionGone = true;
    this.widget.suggest(null);
  }

  openFlag() {
    if (!this.row) return;
    const dialog = this.part("flag");
    dialog.querySelector("form").reset();
    dialog.returnValue = "";
    dialog.showModal();
  }

  closeFlag(dialog) {
    if (dialog.returnValue !== "flag") return;
    this.answer("flag", null, { comment: dialog.querySelector("textarea").value.trim() });
    this.focusOnItem();
  }

  toggleGuidelines(open = this.part("guidelines").hidden) {
    this.part("guidelines").hidden = !open;
    this.root.classList.toggle("has-guidelines", open);
    for (const button of this.root.querySelectorAll('[data-action="guidelines"]')) {
      if (button.hasAttribute("aria-expanded")) button.setAttribute("aria-expanded", String(open));
    }
    if (open) this.part("guidelines").focus({ preventScroll: true });
    else this.focusOnItem();
  }

  toggleHistory() {
    const open = this.root.classList.toggle("has-history");
    this.part("more").setAttribute("aria-expanded", String(open));
  }

  clear() {
    if (!this.part("guidelines").hidden) this.toggleGuidelines(false);
    else if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  }

  // What happens when

  listen() {
    const actions = {
      skip: () => this.answer("skip", null),
      undo: () => this.widget.undo?.() || this.takeBack(),
      submit: (event) => this.submit(event),
      confirm: () => this.inGrid && this.grid.finish(),
      grids: () => this.toggleGrids(),
      flag: () => this.openFlag(),
      guidelines: () => this.toggleGuidelines(),
      accept: () => this.accept(),
      reject: () => this.reject(),
      keys: () => this.part("keys").showModal(),
      clear: () => this.clear(),
      history: () => this.toggleHistory(),
    };
    addEventListener("keydown", (event) => this.pressed(event, actions));
    this.root.addEventListener("click", (event) => {
      const button = event.target.closest("[data-action]");
      if (!button) return;
      actions[button.dataset.action](event);
      if (event.detail > 0 && document.activeElement === button) this.focusOnItem();
    });
    this.listenToDialogs();
    this.listenToOutbox();
    document.addEventListener("visibilitychange", () => this.seen());
    setInterval(() => this.stayAlive(), RENEW_MS);
    setInterval(() => this.progress.recount(this.outbox), RECOUNT_MS);
  }

  pressed(event, actions) {
    if (document.querySelector("dialog[open]")) return;
    if (this.inGrid ? this.takenByGrid(event) : this.takenByWidget(event)) {
      event.preventDefault();
      return;
    }
    const meant = meaning(event, this.data.labels);
    if (!meant) return;
    if (meant.action !== "clear") event.preventDefault();
    if (event.repeat) return; // a key held down answers once
    if (meant.action) actions[meant.action](event);
    else if (this.current) this.widget.press(meant.label, event);
  }

  takenByGrid(event) {
    return isFree(event) && (this.grid.key(event) || this.widget.find(event));
  }

  takenByWidget(event) {
    const taken = isFree(event) ? this.widget.key : isChord(event) ? this.widget.chord : null;
    return this.row && taken?.call(this.widget, event);
  }

  listenToDialogs() {
    const flag = this.part("flag");
    flag.addEventListener("close", () => this.closeFlag(flag));
    flag.querySelector("textarea").addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      flag.close("flag");
    });
    for (const dialog of this.root.querySelectorAll("dialog")) {
      for (const button of dialog.querySelectorAll("[data-close]")) button.addEventListener("click", () => dialog.close(button.dataset.close));
    }
  }

  listenToOutbox() {
    this.outbox.addEventListener("change", () => this.outboxChanged());
    this.outbox.addEventListener("notice", ({ detail }) => this.announce(detail));
    this.outbox.addEventListener("elsewhere", ({ detail: item }) => {
      this.deck.drop(item);
      this.deck.answered.add(item);
      this.lose(item);
    });
    addEventListener("online", () => this.current ?? this.lookAgain());
  }

  /** Take what was answered in another tab off the screen. @param {number} item */
  lose(item) {
    const left = this.current?.filter((row) => row.item.id !== item);
    if (left?.length === this.current?.length) return;
    if (left.length) this.show(left);
    else this.next();
  }

  outboxChanged() {
    const { kind, text } = statusOf(this.outbox);
    const status = this.part("status");
    if (status.textContent !== text) status.textContent = text;
    if (kind !== "sending" && kind !== (status.dataset.told ?? "saved")) {
      status.dataset.told = kind; // once when the connection goes, once when all is safe again
      this.announce(text);
    }
    const came = status.dataset.kind === "sending" && kind === "saved";
    status.dataset.kind = kind;
    if (came && !this.current && this.deck.dry) this.askWhy(); // there may be a pause by now
    const waiting = new Set(this.outbox.waiting.map((op) => op.uuid));
    this.history.mark(waiting, new Set(this.outbox.refused.map((op) => op.uuid)));
    drawTrouble(this.part("trouble"), this.outbox, (op) => this.again(op));
  }

  /** Back after a long absence: what we hold may be somebody else's by now. */
  async seen() {
    if (document.hidden) {
      this.hiddenAt = Date.now();
      return;
    }
    this.progress.recount(this.outbox);
    if (!this.current) this.lookAgain();
    else if (Date.now() - this.hiddenAt > AWAY_MS) await this.renew();
  }

  async renew() {
    const current = this.current;
    this.current = null;
    try {
      await this.deck.renew();
    } catch {
      this.current ??= current; // offline: go on with what is on the screen
      return;
    }
    if (this.current) return;
    const held = new Set(this.deck.rows.map((row) => row.item.id));
    const ours = current.filter(({ item }) => held.has(item.id));
    for (const { item } of ours) this.deck.drop(item.id);
    if (ours.length === current.length) this.current = current;
    else if (ours.length) this.show(ours);
    else this.next();
  }

  /** A person who reads a long text is at work: renew what they hold. */
  stayAlive() {
    if (!document.hidden && this.current && !this.outbox.offline) this.deck.fill().catch(() => {});
  }

  // Words

  /** What is on the screen. */
  words() {
    if (!this.current) return gettext("Nothing left for now.");
    const [{ item, suggestion }] = this.current;
    if (!this.inGrid) return this.widget.summary(item.content, ANNOUNCED, item);
    const said = { n: this.current.length, label: this.widget.describe(suggestion).name };
    return interpolate(gettext("%(n)s images of which the model says: %(label)s"), said, true);
  }

  announceNext(entries) {
    const answer = this.history.answerOf(entries).name;
    const next = this.words();
    this.announce(interpolate(gettext("Answered: %(answer)s. Next: %(text)s"), { answer, text: next }, true));
  }

  announce(words) {
    this.part("live").textContent = words;
  }
}

function element(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  made.dir = "auto";
  return made;
}

/** For pages without TLS, where crypto.randomUUID is missing. */
function uuid4() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
