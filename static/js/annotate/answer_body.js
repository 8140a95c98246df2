/** An answer as the API takes it, with a uuid of its own. */

import { uuid4 } from "./uuid.js";

/**
 * @typedef {import("../types.js").AnswerBody} AnswerBody
 * @typedef {import("../types.js").Assignment} Assignment
 * @typedef {import("./stopwatch.js").TimeSpent} TimeSpent
 */

/**
 * @param {Assignment} assignment
 * @param {Pick<AnswerBody, "outcome"|"value"|"comment"|"exclusion_reason"|"suggestion_shown"> & TimeSpent} answer
 * @returns {AnswerBody}
 */
export function makeAnswerBody({ item, assignment: proof }, answer) {
  const body = { uuid: uuid4(), item: item.id, ...answer };
  // browsers keep assignments of an older release, which had a number there
  return typeof proof === "string" ? { ...body, assignment: proof } : body;
}
