/** How the loop runs: queue, next round, worker, failures. */

import { fillPairs, setText } from "./dom.js";
import { duration, moment, number } from "./format.js";

/** @param {Record<string, HTMLElement>} part @param {object} progress */
export function showLoop(part, progress) {
  const { queue, worker, counts } = progress;
  setText(part["queue-text"], queue.text);
  setText(part["queue-when"], when(queue));
  fillPairs(part["queue-pairs"], [
    [gettext("Ready to hand out"), number(queue.ready)],
    [gettext("In people's hands"), number(queue.leased)],
    [gettext("Random arm so far"), number(counts.random_arm_labels)],
    [gettext("Skipped"), number(counts.skipped)],
    [gettext("Flagged"), number(counts.flagged)],
  ]);
  showNext(part, queue);
  showWorker(part, worker, counts);
  showFailures(part, progress);
}

function when(queue) {
  if (!["model", "spread"].includes(queue.order) || !queue.ranked_at) return "";
  return interpolate(gettext("Since %(time)s"), { time: moment(queue.ranked_at) }, true);
}

function showNext(part, queue) {
  const count = Math.min(queue.answers_since, queue.batch_size);
  part["next-bar"].max = queue.batch_size;
  part["next-bar"].value = count;
  setText(part["next-text"], nextText(queue, count));
}

function nextText(queue, count) {
  if (queue.running) {
    const seconds = Math.max(0, (Date.now() - Date.parse(queue.running.started_at)) / 1000);
    const values = { number: queue.running.number, time: duration(Math.round(seconds)) };
    return interpolate(gettext("Round %(number)s is running (%(time)s). People go on with the last order."), values, true);
  }
  if (queue.requested_at) return interpolate(gettext("A round was asked for at %(time)s and starts with the next free worker."), { time: moment(queue.requested_at) }, true);
  const values = { count: number(count), size: number(queue.batch_size) };
  if (count === queue.batch_size) return interpolate(gettext("The next round is due: %(count)s new answers"), { count: number(queue.answers_since) }, true);
  return interpolate(gettext("%(count)s of %(size)s answers until the model learns again"), values, true);
}

function showWorker(part, worker, counts) {
  part.worker.hidden = worker.alive || !counts.items;
  const text = worker.seen_at
    ? interpolate(gettext("The last one was seen at %(time)s."), { time: moment(worker.seen_at) }, true)
    : gettext("None has been seen so far.");
  setText(part["worker-seen"], text);
}

function showFailures(part, { queue, rounds }) {
  const failed = rounds[0]?.status === "failed" ? rounds[0] : null;
  part.failing.hidden = !failed;
  if (!failed) return;
  const values = { number: failed.number, error: failed.error, time: queue.retry_at ? moment(queue.retry_at) : "" };
  const retry = queue.retry_at ? gettext("It is tried again at %(time)s.") : gettext("It is tried again soon.");
  const text = `${gettext("Round %(number)s failed: %(error)s")} ${retry}`;
  setText(part["failing-text"], interpolate(text, values, true));
}

/** Whether a round is running or waited for; then asking for another makes no sense. */
export function isBusy({ queue }) {
  return Boolean(queue.running || queue.requested_at);
}
