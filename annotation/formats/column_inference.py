"""Which column is probably what, and whether a first line names columns. Guesses: a person confirms them."""

from collections.abc import Sequence
from typing import Any

from annotation.formats.contract import Options, Record

TEXT = ("text", "content", "sentence", "review", "message", "comment", "body", "document", "tweet", "question", "文本")
LABEL = (
    *("label", "class", "category", "target", "sentiment", "tag", "gold", "intent", "y", "标签", "spans", "entities"),
    *("labels", "classes", "categories", "tags", "topics", "cats"),
)
ID = ("external_id", "id", "uid", "uuid", "guid", "key", "doc_id", "text_id", "sample_id")
USER = ("user", "userid", "user_id", "customer", "customer_id", "reviewer", "reviewer_id", "用户")
THING = (
    *("thing", "thing_id", "thingid", "movieid", "movie_id", "itemid", "item_id", "productid", "product_id", "asin"),
    *("bookid", "book_id", "isbn", "artistid", "artist_id", "songid", "song_id", "movie", "product", "book", "物品"),
)
SIDES = ("left", "left_id"), ("right", "right_id")
CHOICE = ("choice", "preferred", "preference", "winner", "better")
RATING = ("rating", "stars", "score", "preference")
NUMBER = ("number", "answer", "value", "price", "amount", "score", "rating", "数值", "价格")
# Columns of Margin's own exports: they come back as they are and are not shown to annotators.
EXPORTED = ("item", "value", "outcome", "annotator", "answered_at", "seconds", "reason", "probability", "score",
            "round", "suggestion", "suggestion_shown", "suggestion_changed", "split", "source", "answers",
            "agreement")  # fmt: skip

EXPORTED_AS = ("meta.", "hidden.")


def mapping(options: Options, records: Sequence[Record]) -> dict[str, Any]:
    """Return {text, id, label, hidden}; text is None when no column is a text for certain.

    Where a table has both a user and a thing it is one of ratings, and they are named too.

    >>> mapping(Options(columns=["ID", "Text", "stars"]), [])
    {'text': 'Text', 'id': 'ID', 'label': None, 'hidden': []}
    >>> mapping(Options(columns=["userId", "movieId", "rating"]), [])["label"]
    'rating'
    """
    columns = options.columns
    text = _named(columns, TEXT) or (columns[0] if len(columns) == 1 else None)
    ours = {"item", "outcome", "source"} <= set(columns)
    hidden = [name for name in columns if ours and (name in EXPORTED or name.startswith(EXPORTED_AS))]
    label = _named([name for name in columns if name not in hidden], LABEL)
    if label and any(isinstance(record.fields.get(label), dict) for record in records):
        label = None
    found = {"text": text, "id": _named(columns, ID), "label": label, "hidden": hidden}
    sides = {"left": _named(columns, SIDES[0]), "right": _named(columns, SIDES[1])}
    if all(sides.values()):
        return {**found, **sides, "label": label or _named(columns, CHOICE)}
    pair = {"user": user(columns), "thing": thing(columns)}
    return {**found, **pair, "label": label or rating(columns)} if all(pair.values()) else found


def user(columns: Sequence[str]) -> str | None:
    """Return the column that names a user."""
    return _named(columns, USER)


def thing(columns: Sequence[str]) -> str | None:
    """Return the column that names what is rated."""
    return _named(columns, THING)


def rating(columns: Sequence[str]) -> str | None:
    """Return the column of the rating."""
    return _named(columns, (*RATING, *LABEL))


def number(columns: Sequence[str]) -> str | None:
    """Return the column of the number that is asked for, where none is called a label."""
    return _named(columns, NUMBER)


def of_side(file: str, columns: Sequence[str], names: Sequence[str]) -> str | None:
    """Return the column of a file by which it is joined: one of the names, or `id` where the file is called so.

    >>> of_side("data/movies.csv", ["id", "title"], THING)
    'id'
    """
    found = _named(columns, names)
    if found is None and file.rsplit("/", 1)[-1].split(".")[0].lower().rstrip("s") in names:
        found = _named(columns, ID)
    return found


def _named(columns: Sequence[str], names: Sequence[str]) -> str | None:
    """The column with the most telling name."""
    plain = {name.strip().lower().replace(" ", "_"): name for name in reversed(columns)}
    return next((plain[name] for name in names if name in plain), None)


def is_header(cells: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether a first line names columns, judging by its words and by what stands below.

    >>> is_header(["text", "label"], [["hello", "ham"]])
    True
    >>> is_header(["WIN a prize now", "spam"], [["hello", "ham"], ["hi", "spam"]])
    False
    """
    plain = [cell.strip() for cell in cells]
    if has_known_name(plain):
        return True
    if not any(plain) or any(_is_number(cell) or _is_prose(cell) for cell in plain):
        return False
    return not any(cell and _recurs(cell, n, rows) for n, cell in enumerate(plain))


def has_known_name(cells: Sequence[str]) -> bool:
    known = (*TEXT, *LABEL, *ID, *USER, *THING, *RATING)
    return any(cell.strip().lower() in known for cell in cells)


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


def _is_prose(cell: str) -> bool:
    return len(cell) > 80 or len(cell.split()) > 5 or cell.endswith((".", "!", "?", "…", "。", "!", "?"))


def _recurs(cell: str, n: int, rows: Sequence[Sequence[str]]) -> bool:
    return any(len(row) > n and row[n].strip() == cell for row in rows)
