"""Documents of office programs, which are ZIP archives: told apart by the files inside, in whatever order they come."""

from collections.abc import Collection

from annotation.errors import ImportRefused
from annotation.lazy_text import LazyText as _

_SAVE_SHEET = _("an Excel workbook: save the sheet as CSV (UTF-8)")
DOCUMENTS = (
    ("xl/workbook.xml", _SAVE_SHEET),
    ("xl/workbook.bin", _SAVE_SHEET),
    ("word/document.xml", _("a Word document: copy the texts into a table and save it as CSV (UTF-8)")),
    ("ppt/presentation.xml", _("a presentation: copy the texts into a table and save it as CSV (UTF-8)")),
    ("META-INF/container.xml", _("an e-book (EPUB): write its texts into a CSV or JSONL file")),
    ("META-INF/manifest.xml", _("an OpenDocument file: save the sheet as CSV (UTF-8)")),
    ("[Content_Types].xml", _SAVE_SHEET),
    ("Index/Document.iwa", _("a Numbers or Pages document: export it as CSV")),
)


def refuse_office(names: Collection[str]) -> None:
    """Raise ImportRefused where the names of an archive's files are those of an office document."""
    what = next((what for name, what in DOCUMENTS if name in names), None)
    if what:
        message = _("This is %(what)s. Margin reads CSV, TSV and JSONL files, plain or gzipped.", what=what)
        raise ImportRefused(message)
