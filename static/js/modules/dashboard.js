// The dashboard: shows the document of /progress/ and keeps it new while the page is in sight.

import { api } from "../api.js";
import { drawCounts, drawHours, shownCounts } from "../charts/bars.js";
import { drawCalibration } from "../charts/calibration.js";
import { drawCurve } from "../charts/curve.js";
import { drawDecision } from "../charts/decision.js";
import { readTheme } from "../charts/theme.js";
import { onThemeChange } from "../colors.js";
import { showDecision } from "../dashboard/decision.js";
import { setShare, setText } from "../dashboard/dom.js";
import { showFigures } from "../dashboard/figures.js";
import { moment } from "../dashboard/format.js";
import { inWords } from "../dashboard/labelwords.js";
import { isBusy, showLoop } from "../dashboard/loop.js";
import { showQuality } from "../dashboard/quality.js";
import { showRounds } from "../dashboard/rounds.js";
import { showStopping } from "../dashboard/stopping.js";
import { showTables } from "../dashboard/tables.js";
import { showTrust } from "../dashboard/trust.js";

const EVERY = 2500; // milliseconds between looks
const WHEN_LOST = 10000;

/** @param {HTMLElement} element */
export default function dashboard(element) {
  const part = Object.fromEntries([...element.querySelectorAll("[data-part]")].map((node) => [node.dataset.part, node]));
  const path = `projects/${element.dataset.project}`;
  const words = JSON.parse(document.getElementById("label-words").textContent);
  let progress = inWords(JSON.parse(document.getElementById("progress-now").textContent), words);
  let theme = readTheme();
  let drawn = "";
  let timer = 0;
  let looking = false;
  let lookAgain = false; // what is being fetched may be of before somebody pressed a button

  function show() {
    showState(part, progress);
    showFigures(part, progress);
    showLoop(part, progress);
    showStopping(part, progress);
    showQuality(part, progress);
    showDecision(part, progress);
    showTrust(part, progress);
    showTables(part, progress);
    showRounds(part, progress);
    part.retrain?.setAttribute("aria-disabled", String(isBusy(progress) || !progress.counts.items));
    drawChanged();
  }

  /** Draw the charts, if what they show has changed. */
  function drawChanged(force = false) {
    const figure = element.querySelector("[name=figure]:checked").value;
    const { curve, control_curve: control, threshold_report: decision, labels, throughput, stop, trust } = progress;
    const { bins } = trust.calibration;
    const state = JSON.stringify([figure, curve, control, stop.forecast, labels.overall, throughput, bins, decision]);
    if (part.body.hidden || (state === drawn && !force)) return;
    drawn = state;
    if (curve) drawCurve(part["curve-canvas"], progress, figure, theme);
    if (bins.length) drawCalibration(part["calibration-canvas"], bins, theme);
    if (decision?.points.length) drawDecision(part["decision-canvas"], decision, theme);
    part["counts-box"].dataset.rows = "";
    const counts = shownCounts(labels.overall);
    setShare(part["counts-box"], { rows: counts.length });
    drawCounts(part["counts-canvas"], counts, theme);
    drawHours(part["pace-canvas"], throughput, theme);
  }

  /** Ask the server; the browser sends the ETag along, so that an unchanged document does not travel. */
  async function look() {
    if (document.hidden) return;
    if (looking) {
      lookAgain = true;
      return;
    }
    clearTimeout(timer);
    looking = true;
    lookAgain = false;
    let wait = EVERY;
    try {
      const found = inWords(await api("GET", `${path}/progress/`), words);
      const isNew = found.generated_at !== progress.generated_at;
      progress = found;
      if (isNew) show();
      else showLoop(part, progress);
      showLive(part, "live", gettext("Live, as of %(time)s"));
    } catch (error) {
      if (!error.passing && error.status) {
        showLive(part, "lost", error.message);
        looking = false;
        return;
      }
      wait = WHEN_LOST;
      showLive(part, "lost", gettext("No connection; numbers of %(time)s"), progress.generated_at);
    }
    looking = false;
    timer = setTimeout(look, lookAgain ? 0 : wait);
  }

  async function retrain() {
    if (part.retrain.getAttribute("aria-disabled") === "true") return;
    part.retrain.setAttribute("aria-disabled", "true");
    try {
      const asked = await api("POST", `${path}/rounds/`);
      const text = asked.worker_alive
        ? gettext("Asked for: the model learns as soon as a worker is free.")
        : gettext("Asked for, but no worker is running: it starts when one does.");
      setText(part.said, text);
    } catch (error) {
      setText(part.said, error.message);
      part.retrain.setAttribute("aria-disabled", "false");
    }
    look();
  }

  async function pause() {
    if (part.pause.getAttribute("aria-disabled") === "true") return;
    part.pause.setAttribute("aria-disabled", "true");
    try {
      const { paused_at: at } = await api("POST", `${path}/pause/`, { paused: !progress.stop.paused_at });
      setText(part.said, at ? gettext("Nothing new is handed out from now on.") : gettext("Items are handed out again."));
    } catch (error) {
      setText(part.said, error.message);
    }
    part.pause.setAttribute("aria-disabled", "false");
    look();
  }

  part.pause?.addEventListener("click", pause);
  part.retrain?.addEventListener("click", retrain);
  part.switch.addEventListener("change", () => drawChanged());
  document.addEventListener("visibilitychange", look);
  onThemeChange(() => {
    theme = readTheme();
    drawChanged(true);
  });
  document.fonts?.ready.then(() => drawChanged(true));
  show();
  showLive(part, "live", gettext("Live, as of %(time)s"));
  timer = setTimeout(look, EVERY);
}

/** Which of the page's faces is seen: no items, no labels, or the numbers; and in them, whether accuracy waits. */
function showState(part, progress) {
  const { counts, test } = progress;
  part["no-items"].hidden = counts.items > 0;
  part["no-labels"].hidden = !counts.items || counts.answers > 0 || progress.rounds.some((row) => row.labels);
  part.body.hidden = !counts.items || !part["no-labels"].hidden;
  part.waiting.hidden = Boolean(progress.curve);
  part.curve.hidden = !progress.curve;
  part.switch.hidden = !progress.curve;
  setText(part["waiting-text"], progress.curve_reason);
  part["waiting-bar"].value = Math.min(test.answered, test.needed);
  part["waiting-bar"].hidden = test.answered >= test.needed;
}

function showLive(part, state, text, at = new Date().toISOString()) {
  part.pulse.dataset.state = state;
  setText(part.live, interpolate(text, { time: moment(at) }, true));
}
