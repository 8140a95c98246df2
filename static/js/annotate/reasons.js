/** Why an item was assigned, in words: a chip and a sentence. */

/** @param {{reason: string, round: number|null}} assignment @returns {[string, string]} */
export function describeReason({ reason, round }) {
  switch (reason) {
    case "uncertain":
      return [
        round ? interpolate(gettext("ranked by model %s"), [round]) : gettext("ranked by the model"),
        gettext("The model is unsure about it: your answer teaches it most."),
      ];
    case "cold":
      return [
        gettext("first look around"),
        gettext("One of a spread over all texts, so that none of their kinds is missed."),
      ];
    case "random":
      if (!round) {
        return [
          gettext("random: nothing ranked yet"),
          gettext("No model has ranked anything at the moment, so this is a random pick."),
        ];
      }
      return [gettext("random check"), gettext("Picked at random beside the model's choice, to compare the two.")];
    case "test":
      return [
        gettext("test sample"),
        gettext("Part of the random sample that measures how good the model is; it never trains it."),
      ];
    case "gold":
      return [gettext("gold item"), gettext("Its answer is known; it keeps the quality of all answers in view.")];
    case "overlap":
      return [gettext("second opinion"), gettext("Somebody else answers it too, so that you can be compared.")];
    case "search":
      if (round) {
        return [
          interpolate(gettext("ranked by model %s"), [round]),
          gettext("Of all unread items, this is one of the most likely to have the label you are looking for."),
        ];
      }
      return [gettext("found by search"), gettext("You or your lead looked for it.")];
    case "review":
      return [gettext("sent for review"), gettext("A reviewer wants it answered again.")];
    default:
      return [reason, ""];
  }
}
