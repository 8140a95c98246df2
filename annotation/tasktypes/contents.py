"""Content kinds: what an item is, which columns of an upload it comes from, what such a file looks like. Pure.

A content kind that only one task type has stands in the file of that task type.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from string import Template

from annotation.lazy_text import LazyText as _

FIELDS = "fields"  # key of the content that holds any number of columns: {"fields": {column: cell}}


@dataclass(frozen=True)
class ContentColumn:
    """A key of an item's content, which comes from one column of an upload."""

    key: str
    title: str
    names: tuple[str, ...] = ()  # of columns that are probably this one, lower case, the most telling first
    is_prose: bool = False  # free text: where no column has such a name, it is probably the one with the longest cells
    exported_as: str = ""  # name of the column in exports; "": the key


@dataclass(frozen=True)
class UploadExample:
    """What a file to upload looks like: sentences, each with some lines of such a file; then a hint.

    `$a` and `$b` in the lines stand for two answers.
    """

    steps: tuple[tuple[str, str], ...]
    hint: str = ""

    def lines(self, cells: Sequence[str]) -> list[tuple[str, str]]:
        """Return each sentence with its lines, in which the cells are the answers."""
        a, b = cells
        return [(sentence, Template(lines).substitute(a=a, b=b)) for sentence, lines in self.steps]


@dataclass(frozen=True)
class ContentKind:
    """What an item is."""

    name: str
    columns: tuple[ContentColumn, ...]
    example: UploadExample
    has_fields: bool = False  # any number of further columns belong to the content, see FIELDS
    archive: str = ""  # "images": items come in a ZIP archive of images only; "tables": in one of tables, too
    at_a_glance: bool = False  # one look at many items tells which of them are not what a model suggests
    answer_columns: tuple[str, ...] = ()  # names of the column of answers, where none is called a label
    title_for: str = ""  # key of the content before which the cell of another column may be put, as a title

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the content that each come from a column of an upload."""
        return tuple(column.key for column in self.columns)

    @property
    def all_keys(self) -> tuple[str, ...]:
        """The same and, where there are some, the fields."""
        return (*self.keys, FIELDS) if self.has_fields else self.keys


TEXT_NAMES = (
    *("text", "content", "sentence", "review", "message", "comment", "body", "document", "tweet", "question"),
    *("文本", "abstract"),
)
TITLE_NAMES = ("title", "primary_title", "标题")
TEXT = ContentKind(
    name="text",
    columns=(ContentColumn("text", _("Text to label"), TEXT_NAMES, is_prose=True),),
    title_for="text",
    example=UploadExample(
        (
            (
                _("A first line with names of columns, then one text a row:"),
                'text,label\n"See you at 7, then?",$a\nYou have won a prize!,$b\nNobody has labelled this one yet,',
            ),
            (
                _("Or JSONL, one object a line:"),
                '{"id": "a1", "text": "See you at 7, then?", "label": "$a"}\n'
                '{"id": "a2", "text": "Nobody has labelled this one yet"}',
            ),
        ),
        _("Only the text is needed. Further columns are kept and come back with the export."),
    ),
)

# Content: {"image": its file, "width": w, "height": h}, in pixels, upright.
IMAGE = ContentKind(
    name="image",
    columns=(ContentColumn("image", _("Image")),),
    archive="images",
    at_a_glance=True,
    example=UploadExample(
        (
            (
                _("A folder for each label, or images without labels:"),
                "$a/0001.jpg\n$a/0002.jpg\n$b/0003.jpg",
            ),
            (
                _("Or a file labels.csv inside that names the images; further columns are kept:"),
                "file,label\n0001.jpg,$a\n0003.jpg,$b",
            ),
        ),
        _("Each image is kept as it came. Copies without camera data are shown."),
    ),
)

TABLE_ROW = ContentKind(
    name="table_row",
    columns=(),
    has_fields=True,
    example=UploadExample(
        (
            (
                _("A first line with names of columns, then one record a row:"),
                'age,job,since,label\n41,nurse,2019-05-01,$a\n29,"cook, part time",2023-11-17,$b\n63,,2008-02-29,',
            ),
        ),
        _(
            "Numbers, dates, categories and short texts are told apart by themselves. A row that is there already is "
            "not added twice."
        ),
    ),
)

# Made-up items: for those who choose a task type and want to see what they would ask.
EXAMPLE_TEXT = _("The parcel came two days late, but the lamp is lovely. Anna in Lisbon will want one too.")
EXAMPLE_IMAGE = {"width": 640, "height": 400}  # of static/img/sample.svg
EXAMPLE_FIELDS = {_("Age"): "42", _("Job"): _("nurse"), _("City"): _("Lisbon"), _("Balance"): "1,250.00"}
