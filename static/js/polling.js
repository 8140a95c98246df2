/** Follow a job until it ends. */

export const POLL_MS = 700;
const OFFLINE_FACTOR = 5;

/** @typedef {{status: string, cancel_requested?: boolean}} Job of the API */

/** Whether a job has not ended yet. @param {string|undefined} status */
export const isUnfinished = (status) => status === "queued" || status === "running";

/** What a page says of a job. @param {Job} job */
export function describeState({ status, cancel_requested: isCancelRequested }) {
  switch (status) {
    case "queued":
      return gettext("Waiting for a worker");
    case "running":
      return isCancelRequested ? gettext("Being cancelled") : gettext("Running");
    case "done":
      return gettext("Done");
    case "failed":
      return gettext("Failed");
    case "cancelled":
      return gettext("Cancelled");
    default:
      return "";
  }
}

/** Ask for the state of a job again and again; a request that fails is repeated later.
 * @template {Job} T
 * @param {() => Promise<T>} fetchState may reject
 * @param {(state: T) => void} onState called with each state; the last one is finished
 * @param {number} [pollMs] */
export async function pollJob(fetchState, onState, pollMs = POLL_MS) {
  let state = null;
  while (!state || isUnfinished(state.status)) {
    state = await fetchState().catch(() => null);
    if (state) onState(state);
    const delay = state ? pollMs : OFFLINE_FACTOR * pollMs;
    if (!state || isUnfinished(state.status)) {
      await new Promise((resolve) => {
        setTimeout(resolve, delay);
      });
    }
  }
}
