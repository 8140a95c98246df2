/** The dashboard: shows the document of /progress/ and keeps it up to date while the page is visible. */

import { api, ApiError, messageOf } from "../api.js";
import { drawCounts, drawHours, selectCounts } from "../charts/bars.js";
import { drawCalibration } from "../charts/calibration.js";
import { drawDecisionThreshold } from "../charts/decision_threshold.js";
import { drawFinds } from "../charts/finds.js";
import { drawLearningCurve } from "../charts/learning_curve.js";
import { readTheme } from "../charts/theme.js";
import { onThemeChange } from "../colors.js";
import { showDecisionThreshold } from "../dashboard/decision_threshold.js";
import { setProperties, setText } from "../dashboard/dom.js";
import { showFigures } from "../dashboard/figures.js";
import { showFinding } from "../dashboard/finding.js";
import { time } from "../dashboard/format.js";
import { withLabelWords } from "../dashboard/label_words.js";
import { showQuality } from "../dashboard/quality.js";
import { showReliability } from "../dashboard/reliability.js";
import { showRounds } from "../dashboard/rounds.js";
import { showStopping } from "../dashboard/stopping.js";
import { showTables } from "../dashboard/tables.js";
import { isRoundDue, showTrainingLoop } from "../dashboard/training_loop.js";
import { find, findAll, readJson } from "../dom.js";

/**
 * @typedef {import("../types.js").DashboardParts} DashboardParts
 * @typedef {import("../types.js").Progress} Progress
 */

const POLL_MS = 2500;
const POLL_OFFLINE_MS = 10_000;

/** @param {HTMLElement} element */
export default function dashboard(element) {
  new Dashboard(element).start();
}

class Dashboard {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    const named = findAll(element, "[data-part]").map((part) => [part.dataset.part, part]);
    /** @type {DashboardParts} */
    this.parts = Object.fromEntries(named);
    this.path = `projects/${element.dataset.project}`;
    this.words = readJson("label-words");
    /** @type {Progress} */
    this.progress = withLabelWords(readJson("progress-now"), this.words);
    this.theme = readTheme();
    this.drawn = ""; // what the charts show
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.timer = undefined;
    this.isPolling = false;
    this.shouldPollAgain = false; // what is being fetched may be older than the press of a button
  }

  start() {
    const { pause, retrain, switch: figures } = this.parts;
    pause?.addEventListener("click", () => this.press(pause, () => this.togglePause()));
    retrain?.addEventListener("click", () => this.press(retrain, () => this.retrain()));
    figures.addEventListener("change", () => this.drawCharts());
    document.addEventListener("visibilitychange", () => this.poll());
    onThemeChange(() => {
      this.theme = readTheme();
      this.drawCharts({ force: true });
    });
    document.fonts?.ready.then(() => this.drawCharts({ force: true }));
    this.show();
    this.showConnection("live", gettext("Live, as of %(time)s"));
    this.timer = setTimeout(() => this.poll(), POLL_MS);
  }

  show() {
    const { parts, progress } = this;
    if (progress.project.goal !== this.element.dataset.goal) location.reload(); // another goal has another page
    showState(parts, progress);
    showFigures(parts, progress);
    showFinding(parts, progress);
    showTrainingLoop(parts, progress);
    showStopping(parts, progress);
    showQuality(parts, progress);
    showDecisionThreshold(parts, progress);
    showReliability(parts, progress);
    showTables(parts, progress);
    showRounds(parts, progress);
    parts.retrain?.setAttribute("aria-disabled", String(isRoundDue(progress) || !progress.counts.items));
    this.drawCharts();
  }

  /** Draw the charts, if what they show has changed. */
  drawCharts({ force = false } = {}) {
    const { parts, progress, theme } = this;
    if (parts.body.hidden) return;
    const measure = find(this.element, "[name=figure]:checked", HTMLInputElement).value;
    const {
      curve,
      control_curve: control,
      finding,
      threshold_report: report,
      labels,
      throughput,
      stop,
      trust,
    } = progress;
    const { bins } = trust.calibration;
    const data = [finding, measure, curve, control, stop.forecast, labels.overall, throughput, bins, report];
    const drawn = JSON.stringify(data);
    if (drawn === this.drawn && !force) return;
    this.drawn = drawn;
    if (finding) drawFinds(parts["finds-canvas"], finding, theme);
    if (curve) drawLearningCurve(parts["curve-canvas"], progress, measure, theme);
    if (bins.length) drawCalibration(parts["calibration-canvas"], bins, theme);
    if (report?.points.length) drawDecisionThreshold(parts["decision-canvas"], report, theme);
    this.drawActivity();
  }

  drawActivity() {
    const { parts, theme } = this;
    const { labels, throughput } = this.progress;
    parts["counts-box"].dataset.rows = "";
    const counts = selectCounts(labels.overall);
    setProperties(parts["counts-box"], { rows: counts.length });
    drawCounts(parts["counts-canvas"], counts, theme);
    drawHours(parts["pace-canvas"], throughput, theme);
  }

  /** Ask the server; the browser sends the ETag along, so that an unchanged document does not travel. */
  async poll() {
    if (document.hidden) return;
    if (this.isPolling) {
      this.shouldPollAgain = true;
      return;
    }
    clearTimeout(this.timer);
    this.isPolling = true;
    this.shouldPollAgain = false;
    const delay = await this.refresh();
    this.isPolling = false;
    if (delay !== null) this.timer = setTimeout(() => this.poll(), this.shouldPollAgain ? 0 : delay);
  }

  /** @returns {Promise<number|null>} milliseconds until the next time; null: never, the server refuses */
  async refresh() {
    try {
      const progress = withLabelWords(await api("GET", `${this.path}/progress/`), this.words);
      const isNew = progress.generated_at !== this.progress.generated_at;
      this.progress = progress;
      if (isNew) this.show();
      else showTrainingLoop(this.parts, progress);
      this.showConnection("live", gettext("Live, as of %(time)s"));
      return POLL_MS;
    } catch (error) {
      if (error instanceof ApiError && !error.isTransient) {
        this.showConnection("lost", error.message);
        return null;
      }
      const text = gettext("No connection; numbers of %(time)s");
      this.showConnection("lost", text, this.progress.generated_at);
      return POLL_OFFLINE_MS;
    }
  }

  /** @param {"live"|"lost"} state @param {string} text with %(time)s @param {string} [iso] */
  showConnection(state, text, iso = new Date().toISOString()) {
    this.parts.pulse.dataset.state = state;
    setText(this.parts.live, interpolate(text, { time: time(iso) }, true));
  }

  /** Do what a button is for, once at a time, and say what came of it.
   * @param {HTMLElement} button @param {() => Promise<{message: string, keepDisabled: boolean}>} action */
  async press(button, action) {
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    try {
      const { message, keepDisabled } = await action();
      setText(this.parts.announcement, message);
      button.setAttribute("aria-disabled", String(keepDisabled));
    } catch (error) {
      setText(this.parts.announcement, messageOf(error));
      button.setAttribute("aria-disabled", "false");
    }
    this.poll();
  }

  async retrain() {
    const { worker_alive: isWorkerAlive } = await api("POST", `${this.path}/rounds/`);
    const message = isWorkerAlive
      ? gettext("Asked for: the model learns as soon as a worker is free.")
      : gettext("Asked for, but no worker is running: it starts when one does.");
    return { message, keepDisabled: true };
  }

  async togglePause() {
    const paused = !this.progress.stop.paused_at;
    const { paused_at: pausedAt } = await api("POST", `${this.path}/pause/`, { paused });
    const message = pausedAt
      ? gettext("Nothing new is handed out from now on.")
      : gettext("Items are handed out again.");
    return { message, keepDisabled: false };
  }
}

/** Which of the page's states is seen: no items, no labels, or the numbers; and in them, whether accuracy waits.
 * @param {DashboardParts} parts @param {Progress} progress */
function showState(parts, { counts, curve, curve_reason: reason, rounds, test }) {
  parts["no-items"].hidden = counts.items > 0;
  parts["no-labels"].hidden = !counts.items || counts.answers > 0 || rounds.some(({ labels }) => labels);
  parts.body.hidden = !counts.items || !parts["no-labels"].hidden;
  parts.waiting.hidden = Boolean(curve);
  parts.curve.hidden = !curve;
  parts.switch.hidden = !curve;
  setText(parts["waiting-text"], reason);
  parts["waiting-bar"].value = Math.min(test.answered, test.needed);
  parts["waiting-bar"].hidden = test.answered >= test.needed;
}
