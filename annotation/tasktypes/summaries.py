"""What people do in each task type, in a sentence: for those who choose one. Pure."""

from annotation.lazy_text import LazyText as _

SUMMARIES: dict[str, str] = {
    "text_classification": _("Each text gets exactly one label: spam or not, a topic, a tone."),
    "text_multilabel": _("Each text gets any number of labels, or none: all topics it is about."),
    "records": _("Each row of a table gets one label, from its numbers, dates and categories."),
    "record_numbers": _("Each row of a table gets a number in a range: a price, an age, a score."),
    "image_classification": _("Each image gets exactly one label: what it shows."),
    "spans": _("Stretches of a text are marked and labelled: people, places, products."),
    "boxes": _("Things on an image are framed and labelled: cells, faces, signs."),
    "ratings": _("Things get a rating on a scale, to learn what people like."),
    "preference": _("Two things lie side by side, and people say which is better."),
}
