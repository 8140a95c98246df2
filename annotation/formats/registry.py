"""The registry of file formats: a line each."""

from annotation.formats import coco_writer, conll, csv_, json_documents, jsonl, plain_lines
from annotation.formats.contract import Format, Readable, Writable
from annotation.tasktypes.answers import AnswerKind, Boxes, Spans

TABLE_READER = csv_.Csv("csv", "CSV", ",", ".csv", "text/csv; charset=utf-8")
FORMATS: dict[str, Format] = {
    "csv": TABLE_READER,
    "tsv": csv_.Csv("tsv", "TSV", "\t", ".tsv", "text/tab-separated-values; charset=utf-8"),
    "jsonl": jsonl.Jsonl(),
}
READABLE: dict[str, Readable] = {
    **FORMATS,
    "json": json_documents.Json(),
    "lines": plain_lines.PlainLines(),
    "conll": conll.WORDS,
}
WRITABLE: dict[str, Writable] = {
    **FORMATS,
    **{one.name: one for one in (conll.WORDS, conll.SPACES)},
    "coco": coco_writer.Coco(),
}
# formats that can hold answers of one kind only
ONLY_ANSWER_KIND: dict[str, type[AnswerKind]] = {"coco": Boxes, "conll": Spans, "conll_spaces": Spans}
TABLES = ("csv", "tsv")
