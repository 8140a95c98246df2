/** How the training loop runs: queue, next round, worker, failures. */

import { fillPairs, setText } from "./dom.js";
import { duration, number, time } from "./format.js";

/**
 * @typedef {import("../types.js").DashboardParts} DashboardParts
 * @typedef {import("../types.js").Progress} Progress
 * @typedef {import("../types.js").Queue} Queue
 */

/** @param {DashboardParts} parts @param {Progress} progress */
export function showTrainingLoop(parts, progress) {
  const { queue, counts, finding } = progress;
  setText(parts["queue-text"], queue.text);
  setText(parts["queue-when"], describeAge(queue));
  fillPairs(parts["queue-pairs"], [
    pair(gettext("Ready to hand out"), queue.ready),
    pair(gettext("In people's hands"), queue.leased),
    ...(finding ? [] : [pair(gettext("Random arm so far"), counts.random_arm_labels)]),
    pair(gettext("Skipped"), counts.skipped),
    pair(gettext("Flagged"), counts.flagged),
  ]);
  showNextRound(parts, queue);
  showWorker(parts, progress);
  showFailure(parts, progress);
}

/** @param {string} name @param {number} count @returns {[string, string]} */
const pair = (name, count) => [name, number(count)];

/** @param {Queue} queue */
function describeAge({ order, ranked_at: rankedAt }) {
  if (!["model", "spread"].includes(order) || !rankedAt) return "";
  return interpolate(gettext("Since %(time)s"), { time: time(rankedAt) }, true);
}

/** @param {DashboardParts} parts @param {Queue} queue */
function showNextRound(parts, queue) {
  const bar = parts["next-bar"];
  bar.max = queue.batch_size;
  bar.value = Math.min(queue.answers_since, queue.batch_size);
  setText(parts["next-text"], describeNextRound(queue));
}

/** @param {Queue} queue */
function describeNextRound({ running, requested_at: requestedAt, answers_since: answers, batch_size: size }) {
  if (running) {
    const seconds = Math.max(0, (Date.now() - Date.parse(running.started_at)) / 1000);
    const values = { number: running.number, time: duration(Math.round(seconds)) };
    const text = gettext("Round %(number)s is running (%(time)s). People go on with the last order.");
    return interpolate(text, values, true);
  }
  if (requestedAt) {
    const text = gettext("A round was asked for at %(time)s and starts with the next free worker.");
    return interpolate(text, { time: time(requestedAt) }, true);
  }
  if (answers >= size) {
    return interpolate(gettext("The next round is due: %(count)s new answers"), { count: number(answers) }, true);
  }
  const values = { count: number(answers), size: number(size) };
  return interpolate(gettext("%(count)s of %(size)s answers until the model learns again"), values, true);
}

/** @param {DashboardParts} parts @param {Progress} progress */
function showWorker(parts, { worker, counts }) {
  parts.worker.hidden = worker.alive || !counts.items;
  const text = worker.seen_at
    ? interpolate(gettext("The last one was seen at %(time)s."), { time: time(worker.seen_at) }, true)
    : gettext("None has been seen so far.");
  setText(parts["worker-seen"], text);
}

/** @param {DashboardParts} parts @param {Progress} progress */
function showFailure(parts, { queue, rounds }) {
  const failed = rounds[0]?.status === "failed" ? rounds[0] : null;
  parts.failing.hidden = !failed;
  if (!failed) return;
  const values = { number: failed.number, error: failed.error, time: queue.retry_at ? time(queue.retry_at) : "" };
  const retry = queue.retry_at ? gettext("It is tried again at %(time)s.") : gettext("It is tried again soon.");
  const text = `${gettext("Round %(number)s failed: %(error)s")} ${retry}`;
  setText(parts["failing-text"], interpolate(text, values, true));
}

/** Whether a round is running or waited for; then requesting another makes no sense. @param {Progress} progress */
export function isRoundDue({ queue }) {
  return Boolean(queue.running || queue.requested_at);
}
