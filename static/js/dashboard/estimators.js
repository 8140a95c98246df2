/** Which points of a curve another estimator made than the point before. */

/** @typedef {import("../types.js").CurvePoint} CurvePoint */

/** Each such point, with the one before it. @param {CurvePoint[]} points @returns {Map<CurvePoint, CurvePoint>} */
export function findEstimatorChanges(points) {
  const changes = new Map();
  points.forEach((point, index) => {
    if (index && point.estimator !== points[index - 1].estimator) changes.set(point, points[index - 1]);
  });
  return changes;
}

/** A sentence for each change. @param {import("../types.js").Progress} progress */
export function describeEstimatorChanges({ curve, estimators }) {
  const sentences = [...findEstimatorChanges(curve ?? [])].map(([point, previous]) => {
    const titles = { now: estimators[point.estimator], before: estimators[previous.estimator] };
    const sentence = gettext("From model %(round)s on: %(now)s, before: %(before)s.");
    return interpolate(sentence, { round: point.round, ...titles }, true);
  });
  return sentences.join(" ");
}
