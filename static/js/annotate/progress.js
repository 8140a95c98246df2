/** How much is labelled: the person's answers of today, and the project's items. */

import { api } from "../api.js";
import { find, localized } from "../dom.js";
import { dayOf } from "./day.js";

/**
 * @typedef {import("../types.js").AnnotateConfig} AnnotateConfig
 * @typedef {import("../types.js").HistoryEntry} HistoryEntry
 */

export class Progress {
  /** @param {HTMLElement} root @param {(version: string) => void} onVersion told the version of the project
   * @param {Pick<AnnotateConfig, "project"|"overlap"|"paused"|"progress"|"skipped"|"time_zone">} config */
  constructor(root, onVersion, { project, overlap, paused, progress, skipped, time_zone: timeZone }) {
    this.onVersion = onVersion;
    this.project = project;
    this.overlap = overlap;
    this.pausedReason = paused;
    this.counts = progress;
    this.skipped = skipped;
    this.answersOfPage = 0;
    this.timeZone = timeZone;
    this.day = dayOf(new Date(), timeZone);
    this.today = find(root, '[data-part="today"]');
    this.todayWords = find(root, '[data-part="today-words"]');
    this.labelled = find(root, '[data-part="labelled"]');
    this.bar = find(root, '[data-part="bar"]', HTMLProgressElement);
    this.draw();
  }

  /** Whether there ever was something to label. */
  get hasItems() {
    return this.counts.items > 0 || this.answersOfPage > 0;
  }

  /** Count an answer, or with -1 one that is undone.
   * @param {Pick<HistoryEntry, "outcome"|"created_at">} entry @param {1|-1} change */
  count({ outcome, created_at: answeredAt }, change) {
    const { counts } = this;
    this.startDay();
    const isOfToday = !answeredAt || dayOf(new Date(answeredAt), this.timeZone) === this.day;
    if (isOfToday) counts.today = Math.max(0, counts.today + change);
    if (outcome === "skip") this.skipped = Math.max(0, this.skipped + change);
    if (outcome === "label" && this.overlap === 1) {
      counts.labelled = Math.min(counts.items, Math.max(0, counts.labelled + change));
    }
    this.answersOfPage = Math.max(0, this.answersOfPage + change);
    this.draw();
  }

  /** After midnight the answers of today begin at none. */
  startDay() {
    const day = dayOf(new Date(), this.timeZone);
    if (day !== this.day) this.counts.today = 0;
    this.day = day;
  }

  /** Colleagues label too, and leads change projects: ask whether there is a pause, for the project's version, and for its
   * counts, unless answers are on their way.
   * @param {import("./outbox.js").Outbox} outbox */
  async refresh(outbox) {
    if (document.hidden || outbox.isOffline || outbox.blocked) return;
    const before = this.answersOfPage;
    const project = await api("GET", `projects/${this.project}/`).catch(() => null);
    if (!project) return;
    const { counts } = project;
    this.pausedReason = project.paused_reason;
    this.onVersion(project.version);
    if (outbox.operations.size || before !== this.answersOfPage) return; // the next time
    this.counts.items = counts.items;
    this.counts.labelled = counts.labelled;
    this.skipped = counts.skipped_by_me;
    this.startDay();
    this.draw();
  }

  draw() {
    const { today, labelled, items } = this.counts;
    this.today.textContent = localized(today);
    this.todayWords.textContent = ngettext("answer today", "answers today", today);
    const counts = { labelled: localized(labelled), items: localized(items) };
    this.labelled.textContent =
      items === 0 ? "" : interpolate(gettext("%(labelled)s of %(items)s labelled"), counts, true);
    this.bar.max = Math.max(1, items);
    this.bar.value = labelled;
  }
}
