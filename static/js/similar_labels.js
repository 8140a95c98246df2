/** Ask about labels that look alike, such as Spam and spam, and send them again where both are meant. */

import { ApiError } from "./api.js";

/** @template T @param {(more: {allow_similar_labels?: true}) => Promise<T>} send with what is added to the call @returns {Promise<T>} */
export async function askAboutSimilarLabels(send) {
  try {
    return await send({});
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "similar_labels" || !confirm(error.message)) throw error;
    return await send({ allow_similar_labels: true });
  }
}
