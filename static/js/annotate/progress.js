/** How much is labelled: the person's answers of today, and the project's items. */

import { api } from "../api.js";

export class Progress {
  /**
   * @param {(name: string) => HTMLElement} part of the screen
   * @param {{project: number, overlap: number, paused: string, progress: {today: number, items: number, labelled: number}}} data
   */
  constructor(part, { project, overlap, paused, progress }) {
    this.part = part;
    this.project = project;
    this.overlap = overlap;
    this.paused = paused; // why nothing new is handed out
    this.counts = progress;
    this.session = 0;
    this.draw();
  }

  /** Whether there ever was something to label. */
  get begun() {
    return this.counts.items > 0 || this.session > 0;
  }

  /** @param {"label"|"skip"|"flag"} outcome @param {number} by */
  count(outcome, by) {
    const { counts } = this;
    counts.today = Math.max(0, counts.today + by);
    if (outcome === "label" && this.overlap === 1) {
      counts.labelled = Math.min(counts.items, Math.max(0, counts.labelled + by));
    }
    this.session = Math.max(0, this.session + by);
    this.draw();
  }

  /** Colleagues label too: ask whether there is a pause, and take the project's count anew when the server has all of ours. @param {import("./outbox.js").Outbox} outbox */
  async recount(outbox) {
    if (document.hidden || outbox.offline || outbox.blocked) return;
    const before = this.session;
    const { counts, paused_reason: paused } = await api("GET", `projects/${this.project}/`).catch(() => ({}));
    if (!counts) return;
    this.paused = paused;
    if (outbox.ops.size || before !== this.session) return; // answers are under way: the next time
    Object.assign(this.counts, { items: counts.items, labelled: counts.labelled });
    this.draw();
  }

  draw() {
    const { today, labelled, items } = this.counts;
    const number = (n) => n.toLocaleString(document.documentElement.lang);
    this.part("today").textContent = number(today);
    this.part("today-words").textContent = ngettext("answer today", "answers today", today);
    this.part("labelled").textContent =
      items === 0
        ? ""
        : interpolate(
            gettext("%(labelled)s of %(items)s labelled"),
            { labelled: number(labelled), items: number(items) },
            true,
          );
    this.part("bar").max = Math.max(1, items);
    this.part("bar").value = labelled;
  }
}
