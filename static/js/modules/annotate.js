/**
 * The annotate screen: one key answers, the next item is painted in the same frame.
 *
 * Parts: the deck holds items, the outbox keeps answers, the widget shows the item and takes the
 * answer, the history shows the last ten. This file only says what happens when.
 */

import { api } from "../api.js";
import { Deck } from "../annotate/deck.js";
import { History } from "../annotate/history.js";
import { isChord, isFree, meaning } from "../annotate/keys.js";
import { Outbox } from "../annotate/outbox.js";
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
    this.current = null;
    this.lookedAgain = 0;
    this.looking = 0;
    this.hiddenAt = 0;
    this.session = 0;
    this.suggestionGone = false;
    this.stopwatch = new Stopwatch();
    this.outbox = new Outbox({ user: data.user, project: data.project });
    this.deck = new Deck((n) => api("POST", `projects/${data.project}/next/`, { n }), () => this.unwanted());
    this.widget = makeWidget({
      reading: this.part("item"),
      controls: this.part("labels"),
      labels: data.labels,
      settings: data.settings,
      scale: data.scale,
      columns: data.columns,
      answer: (value, event) => this.answer("label", value, { event }),
    });
    this.part("submit").hidden = !this.widget.submit;
    this.history = new History(this.part("history"), {
      widget: this.widget,
      suggestions: data.suggestion === "after",
      takeBack: (entry) => this.takeBack(entry),
    });
  }

  async start() {
    for (const entry of [...this.data.history].reverse()) this.history.add(entry, { fresh: false });
    this.listen();
    this.drawProgress();
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
    const shown = this.history.entries.find((entry) => entry.uuid === op.uuid);
    if (op.kind === "undo") {
      this.history.remove(op.uuid);
      if (shown) this.count(shown.outcome, -1);
    } else if (!shown && op.entry) {
      this.history.add(op.entry, { fresh: false });
      this.count(op.entry.outcome, 1);
    }
  }

  unwanted() {
    const items = this.outbox.items();
    if (this.current) items.add(this.current.item.id);
    return items;
  }

  // Items

  /** Fetch more in the background; show the first when nothing is on the screen. */
  async fill() {
    this.part("empty").dataset.error = this.outbox.offline ? "offline" : "";
    if (this.outbox.offline) return;
    try {
      await this.deck.fill();
      this.widget.ahead?.(this.deck.rows);
    } catch (error) {
      this.part("empty").dataset.error = error.passing ? "offline" : "stopped";
      this.part("stopped").textContent = error.message;
      if (error.status === 401) this.outbox.blocked = { status: 401, message: error.message };
    }
    this.outboxChanged();
  }

  next() {
    this.show(this.deck.take());
    if (this.deck.low && !this.deck.dry) this.fill().then(() => this.current ?? this.show(this.deck.take()));
  }

  /** Paint a row now; null shows why there is none. */
  show(row) {
    this.current = row;
    if (!row) {
      this.rest();
      return;
    }
    clearTimeout(this.looking);
    this.lookedAgain = 0;
    this.root.dataset.state = "item";
    this.part("reading").scrollTop = 0;
    this.widget.show(row);
    this.widget.ahead?.(this.deck.rows);
    this.drawReason(row);
    this.drawColumns(row);
    this.drawSuggestion(row);
    this.stopwatch.restart();
    this.suggestionGone = false;
  }

  drawReason(row) {
    const [words, sentence] = reasonWords(row);
    this.part("reason").textContent = words;
    this.part("reason").title = sentence;
  }

  drawColumns({ item }) {
    const columns = Object.entries(item.meta ?? {}).filter(([, value]) => value !== "" && value !== null);
    this.part("columns").replaceChildren(
      ...columns.flatMap(([name, value]) => [element("dt", name), element("dd", String(value))]),
    );
  }

  drawSuggestion(row) {
    const shown = this.data.suggestion === "shown" ? row.suggestion : null;
    this.widget.suggest(shown, row.suggestion_score);
  }

  /** Nothing to show: say why, and look again quietly. */
  rest() {
    this.widget.clear();
    this.widget.suggest(null);
    const error = this.part("empty").dataset.error;
    if (!this.deck.dry && !error) this.showEmpty("loading");
    else if (error) this.showEmpty(error);
    else {
      this.showNothing();
      this.recount().then(() => this.showNothing());
    }
    clearTimeout(this.looking);
    const pause = LOOK_AGAIN_MS[Math.min(this.lookedAgain, LOOK_AGAIN_MS.length - 1)];
    this.looking = setTimeout(() => this.lookAgain(), pause);
  }

  /** There is a server and it has nothing: because of a pause, or because all is done. */
  showNothing() {
    if (this.current || !this.deck.dry || this.part("empty").dataset.error) return;
    this.part("paused").textContent = this.data.paused;
    if (this.data.paused) this.showEmpty("paused");
    else this.showEmpty(this.data.progress.items > 0 || this.session > 0 ? "done" : "items");
  }

  async lookAgain() {
    if (this.current) return;
    this.lookedAgain += 1;
    if (!document.hidden && !this.outbox.blocked && !this.outbox.offline) await this.fill();
    if (this.current) return;
    const row = this.deck.take();
    this.show(row);
    if (row) this.announce(gettext("There is a new item."));
  }

  showEmpty(name) {
    this.root.dataset.state = "empty";
    for (const box of this.part("empty").children) box.hidden = box.dataset.empty !== name;
  }

  // Answers

  /** @param {"label"|"skip"|"flag"} outcome */
  answer(outcome, value, { comment = "", event = null } = {}) {
    const row = this.current;
    if (!row) return;
    const uuid = crypto.randomUUID?.() ?? uuid4();
    const body = {
      uuid,
      item: row.item.id,
      outcome,
      value,
      seconds: this.stopwatch.seconds,
      comment,
      suggestion_shown: this.data.suggestion === "shown" && Boolean(row.suggestion),
    };
    const entry = { uuid, outcome, value, row };
    this.outbox.answer(body, entry);
    this.deck.answered.add(row.item.id);
    this.history.add(entry);
    this.count(outcome, 1);
    this.next();
    this.announceNext(entry);
    if (event?.detail > 0) this.part("reading").focus({ preventScroll: true }); // a pointer: leave no button behind that the space bar presses
  }

  /** @param {import("../annotate/history.js").Entry} [entry] the last one when none is named */
  takeBack(entry = this.history.last) {
    if (!entry || !this.outbox.store) return;
    this.history.remove(entry.uuid);
    this.deck.answered.delete(entry.row.item.id);
    this.deck.drop(entry.row.item.id);
    if (this.current) this.deck.back(this.current);
    this.show(entry.row);
    if (entry.value) this.widget.fill?.(entry.value);
    this.outbox.undo(entry.uuid, entry.row.item.id);
    this.count(entry.outcome, -1);
    const name = this.history.answerOf(entry).name;
    this.announce(interpolate(gettext("Taken back: %(answer)s. %(text)s"), { answer: name, text: this.words(entry.row) }, true));
    this.part("reading").focus({ preventScroll: true });
  }

  /** Bring an answer that the server refused back to the screen. */
  again(op) {
    this.outbox.discard(op.id);
    if (!op.entry) return;
    this.history.remove(op.uuid);
    this.deck.answered.delete(op.item);
    if (this.current) this.deck.back(this.current);
    this.show(op.entry.row);
    if (op.entry.value) this.widget.fill?.(op.entry.value);
  }

  accept() {
    const value = this.data.suggestion === "shown" && !this.suggestionGone && this.current?.suggestion;
    if (value) this.widget.accept(value);
  }

  /** Answer with what stands, where an answer has several parts. */
  submit(event) {
    if (this.current) this.widget.submit?.(event);
  }

  reject() {
    this.suggestionGone = true;
    this.widget.suggest(null);
  }

  openFlag() {
    if (!this.current) return;
    const dialog = this.part("flag");
    dialog.querySelector("form").reset();
    dialog.returnValue = "";
    dialog.showModal();
  }

  closeFlag(dialog) {
    if (dialog.returnValue !== "flag") return;
    this.answer("flag", null, { comment: dialog.querySelector("textarea").value.trim() });
    this.part("reading").focus({ preventScroll: true });
  }

  toggleGuidelines(open = this.part("guidelines").hidden) {
    this.part("guidelines").hidden = !open;
    this.root.classList.toggle("has-guidelines", open);
    for (const button of this.root.querySelectorAll('[data-action="guidelines"]')) {
      if (button.hasAttribute("aria-expanded")) button.setAttribute("aria-expanded", String(open));
    }
    if (open) this.part("guidelines").focus({ preventScroll: true });
    else this.part("reading").focus({ preventScroll: true });
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
      if (event.detail > 0 && document.activeElement === button) this.part("reading").focus({ preventScroll: true });
    });
    this.listenToDialogs();
    this.listenToOutbox();
    document.addEventListener("visibilitychange", () => this.seen());
    setInterval(() => this.stayAlive(), RENEW_MS);
    setInterval(() => this.recount(), RECOUNT_MS);
  }

  pressed(event, actions) {
    if (document.querySelector("dialog[open]")) return;
    const taken = isFree(event) ? this.widget.key : isChord(event) ? this.widget.chord : null;
    if (this.current && taken?.call(this.widget, event)) {
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
      if (this.current?.item.id === item) this.next(); // answered in another tab
    });
    addEventListener("online", () => this.current ?? this.lookAgain());
  }

  outboxChanged() {
    const { kind, text } = statusOf(this.outbox);
    const status = this.part("status");
    if (status.textContent !== text) status.textContent = text;
    if (kind !== "sending" && kind !== (status.dataset.told ?? "saved")) {
      status.dataset.told = kind; // once when the connection goes, once when all is safe again
      this.announce(text);
    }
    status.dataset.kind = kind;
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
    this.recount();
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
    const ours = this.deck.rows.find((row) => row.item.id === current.item.id);
    if (ours) this.deck.drop(current.item.id);
    if (ours) this.current = current;
    else this.next();
  }

  /** A person who reads a long text is at work: renew what they hold. */
  stayAlive() {
    if (!document.hidden && this.current && !this.outbox.offline) this.deck.fill().catch(() => {});
  }

  // Numbers and words

  count(outcome, by) {
    const { progress, overlap } = this.data;
    progress.today = Math.max(0, progress.today + by);
    progress.mine = Math.max(0, progress.mine + by);
    if (outcome === "label" && overlap === 1) progress.labelled = Math.min(progress.items, Math.max(0, progress.labelled + by));
    this.session = Math.max(0, this.session + by);
    this.drawProgress();
  }

  /** Colleagues label too: take the project's count anew when the server has all of ours. */
  async recount() {
    const { ops } = this.outbox;
    if (document.hidden || this.outbox.offline || this.outbox.blocked || ops.size) return;
    const before = this.session;
    const { counts, paused_reason: paused } = await api("GET", `projects/${this.data.project}/`).catch(() => ({}));
    if (!counts || ops.size || before !== this.session) return; // answered meanwhile: the next time
    this.data.paused = paused;
    Object.assign(this.data.progress, { items: counts.items, labelled: counts.labelled });
    this.drawProgress();
  }

  drawProgress() {
    const { today, labelled, items } = this.data.progress;
    const locale = document.documentElement.lang;
    const number = (n) => n.toLocaleString(locale);
    this.part("today").textContent = number(today);
    this.part("today-words").textContent = ngettext("answer today", "answers today", today);
    this.part("labelled").textContent = items === 0 ? "" : interpolate(gettext("%(labelled)s of %(items)s labelled"), { labelled: number(labelled), items: number(items) }, true);
    this.part("bar").max = Math.max(1, items);
    this.part("bar").value = labelled;
  }

  words(row) {
    return this.widget.summary(row.item.content, ANNOUNCED, row.item);
  }

  announceNext(entry) {
    const answer = this.history.answerOf(entry).name;
    const next = this.current ? this.words(this.current) : gettext("Nothing left for now.");
    this.announce(interpolate(gettext("Answered: %(answer)s. Next: %(text)s"), { answer, text: next }, true));
  }

  announce(words) {
    this.part("live").textContent = words;
  }
}

function element(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
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
