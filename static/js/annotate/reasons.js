/** Why an item was handed out, in words: a chip and a sentence. */

/** @param {{reason: string, round: number|null}} row @returns {[string, string]} */
export function reasonWords({ reason, round }) {
  const words = {
    uncertain: round
      ? [
          interpolate(gettext("ranked by model %s"), [round]),
          gettext("The model is unsure about it: your answer teaches it most."),
        ]
      : [gettext("ranked by the model"), gettext("The model is unsure about it: your answer teaches it most.")],
    cold: [
      gettext("first look around"),
      gettext("One of a spread over all texts, so that none of their kinds is missed."),
    ],
    random: round
      ? [gettext("random check"), gettext("Picked at random beside the model's choice, to compare the two.")]
      : [
          gettext("random: nothing ranked yet"),
          gettext("No model has ranked anything at the moment, so this is a random pick."),
        ],
    test: [
      gettext("test sample"),
      gettext("Part of the random sample that measures how good the model is; it never trains it."),
    ],
    gold: [gettext("gold item"), gettext("Its answer is known; it keeps the quality of all answers in view.")],
    overlap: [gettext("second opinion"), gettext("Somebody else answers it too, so that you can be compared.")],
    search: [gettext("found by search"), gettext("You or your lead looked for it.")],
    review: [gettext("sent for review"), gettext("A reviewer wants it answered again.")],
  };
  return words[reason] ?? [reason, ""];
}
