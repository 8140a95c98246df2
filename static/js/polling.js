/** Follow a job until it ends. */

export const POLL_MS = 700;
const OFFLINE_FACTOR = 5;

/** @typedef {{status: string}} Job of the API */

/** Whether a job has not ended yet. @param {string|undefined} status */
export const isUnfinished = (status) => status === "queued" || status === "running";

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
