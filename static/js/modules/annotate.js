/** The annotate screen: one key answers, the next item is painted in the same frame. */

import { Screen } from "../annotate/screen.js";
import { readJson } from "../dom.js";

/** @param {HTMLElement} root */
export default async function annotate(root) {
  /** @type {import("../types.js").AnnotateConfig} */
  const config = readJson("annotate-data");
  const { default: makeWidget } = await import(`../widgets/${config.widget}.js`);
  addEventListener("pageshow", ({ persisted }) => persisted && location.reload()); // Back, to a page kept in memory
  await new Screen(root, config, makeWidget).start();
}
