"""How each task type is learnt and evaluated: one line each in TASK_PROFILES. Pure.

What learns and how it is evaluated follows from the answer kind (`answer_profiles`), what it reads from the content
kind.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from annotation.formats.image_reading import copy_name
from annotation.tasktypes import FIELDS
from annotation.tasktypes.preference import LEFT, RIGHT
from annotation.tasktypes.ratings import PRODUCT, USER
from annotation.tasktypes.text_pair_classification import FIRST, SECOND
from learner.engine.answer_profiles import BOXES, NUMBER, ONE_LABEL, RATING, SEVERAL_LABELS, SPANS, AnswerProfile
from learner.engine.column_views import BOTH_VIEW, ENCODER_VIEW

Material = Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True)
class ContentProfile:
    """What feature sets, or estimators that read contents, get of items of one content kind."""

    material: Material  # of a content
    automatic: str  # the feature set that "auto" stands for
    features: tuple[str, ...] = ("auto",)  # choices of the setting, the default first
    encoder: str = "encoder"  # the key of ENCODERS that "encoder" stands for
    encoder_view: str = BOTH_VIEW  # what is read beside an added encoder, until random labels say otherwise
    files: bool = False  # the material is the name of a file in the media storage


@dataclass(frozen=True)
class TaskProfile:
    """What learns from the answers of a task type, from what, and how it is evaluated."""

    answers: AnswerProfile
    content: ContentProfile


def item_text(content: Mapping[str, Any]) -> str:
    """Return the text of an item."""
    return str(content.get("text", ""))


def record_fields(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the cells of a record by column."""
    cells = content.get(FIELDS)
    return cells if isinstance(cells, Mapping) else {}


def user_and_product(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return who and what an item is about, and the attributes of both, by column."""
    return {**record_fields(content), USER: content.get(USER, ""), PRODUCT: content.get(PRODUCT, "")}


def preference_sides(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the two products that are compared, and their attributes, by column."""
    return {**record_fields(content), LEFT: content.get(LEFT, ""), RIGHT: content.get(RIGHT, "")}


def text_pair(content: Mapping[str, Any]) -> tuple[str, str]:
    """Return the two texts."""
    return str(content.get(FIRST, "")), str(content.get(SECOND, ""))


def thumbnail(content: Mapping[str, Any]) -> str:
    """Return the file of an item's picture that features are made of."""
    return copy_name(str(content.get("image", "")), "thumb")


def original_image(content: Mapping[str, Any]) -> str:
    """Return the file of an item's picture as it came: boxes are in its pixels, turned as its EXIF data says."""
    return str(content.get("image", ""))


TEXT = ContentProfile(item_text, "text", ("auto", "static", "lsa", "ngrams", "tfidf", "encoder"))
TEXT_PAIR = ContentProfile(text_pair, "text_pairs")
TABLE_ROW = ContentProfile(record_fields, "records")
IMAGE = ContentProfile(
    thumbnail, "images", ("auto", "encoder"), encoder="image_encoder", encoder_view=ENCODER_VIEW, files=True
)
ORIGINAL_IMAGE = replace(IMAGE, material=original_image, features=("auto",))
USER_AND_PRODUCT = ContentProfile(user_and_product, "records")
PAIR = ContentProfile(preference_sides, "sides")

TASK_PROFILES: dict[str, TaskProfile] = {
    "text_classification": TaskProfile(ONE_LABEL, TEXT),
    "text_multilabel": TaskProfile(SEVERAL_LABELS, TEXT),
    "text_pair_classification": TaskProfile(ONE_LABEL, TEXT_PAIR),
    "records": TaskProfile(ONE_LABEL, TABLE_ROW),
    "record_numbers": TaskProfile(NUMBER, TABLE_ROW),
    "image_classification": TaskProfile(ONE_LABEL, IMAGE),
    "spans": TaskProfile(SPANS, TEXT),
    "boxes": TaskProfile(BOXES, ORIGINAL_IMAGE),
    "ratings": TaskProfile(RATING, USER_AND_PRODUCT),
    "preference": TaskProfile(ONE_LABEL, PAIR),
}
