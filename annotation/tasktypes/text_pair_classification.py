"""Two texts and one label about both: whether they mean the same, or whether one follows from the other."""

from annotation.lazy_text import LazyText as _
from annotation.tasktypes.answers import SingleLabel
from annotation.tasktypes.contents import ContentColumn, ContentKind, UploadExample
from annotation.tasktypes.task_type import TaskType

FIRST, SECOND = "text_a", "text_b"  # keys of the content
FIRST_NAMES = ("text_a", "text1", "text_1", "sentence1", "sentence_1", "question1", "question_1", "premise", "query")
SECOND_NAMES = (
    "text_b",
    "text2",
    "text_2",
    "sentence2",
    "sentence_2",
    "question2",
    "question_2",
    "hypothesis",
    "passage",
)

TEXT_PAIR = ContentKind(
    name="text_pair",
    columns=(
        ContentColumn(FIRST, _("First text"), FIRST_NAMES, is_prose=True),
        ContentColumn(SECOND, _("Second text"), SECOND_NAMES, is_prose=True),
    ),
    answer_columns=("gold_label", "is_duplicate", "relation", "similarity"),
    example=UploadExample(
        (
            (
                _("A first line with names of columns, then two texts a row:"),
                "text_a,text_b,label\n"
                'How do I reset my PIN?,I forgot my PIN,$a\n"Where is my card?",What does a card cost?,$b\n'
                "Can I pay by phone?,Do you take cheques?,",
            ),
            (
                _("Or JSONL, one object a line:"),
                '{"text_a": "How do I reset my PIN?", "text_b": "I forgot my PIN", "label": "$a"}',
            ),
        ),
        _("Only the two texts are needed. Further columns are kept and come back with the export."),
    ),
)

TASK_TYPE = TaskType(
    name="text_pair_classification",
    title=_("Text pairs"),
    summary=_("Two texts get one label: the same or not, related or not, which follows from which."),
    answer=SingleLabel(),
    content=TEXT_PAIR,
    widget="text_pair",
    styles=("preference",),
    example={
        FIRST: _("How can I change the address that my order goes to?"),
        SECOND: _("I have moved. Can you send my parcel to my new flat?"),
    },
)
