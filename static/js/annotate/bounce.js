/** Tell the second press of a double click, or of a key that bounces, from one that is meant. */

const MIN_INTERVAL_MS = 150; // of two presses of the same label

const NOTHING = { index: -1, timeStamp: -Infinity };

let last = NOTHING;

/** Whether a label was pressed a moment ago already: it would be taken away again.
 * @param {number} index of the label @param {{timeStamp: number}} event */
export function isBounce(index, { timeStamp }) {
  const isSoon = index === last.index && timeStamp - last.timeStamp < MIN_INTERVAL_MS;
  last = { index, timeStamp };
  return isSoon;
}

/** Something else was pressed in between: the next press is meant, however soon it comes. */
export function forgetPress() {
  last = NOTHING;
}
