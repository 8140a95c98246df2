/** Which points of a curve another estimator made than the point before. */

/** @param {object[]} points of /progress/ @returns {Map<object, object>} each such point, and the one before it */
export function changes(points) {
  const found = new Map();
  points.forEach((point, n) => {
    if (n && point.estimator !== points[n - 1].estimator) found.set(point, points[n - 1]);
  });
  return found;
}

/** A sentence for each change. @param {object} progress */
export function changesText({ curve, estimators }) {
  const sentence = gettext("From model %(round)s on: %(now)s, before: %(before)s.");
  const say = ([point, last]) =>
    interpolate(
      sentence,
      { round: point.round, now: estimators[point.estimator], before: estimators[last.estimator] },
      true,
    );
  return [...changes(curve ?? [])].map(say).join(" ");
}
