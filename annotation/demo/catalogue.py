"""The demo's projects: add one by a file beside this one and an entry in DEMOS. README.md says where data is from."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Demo:
    """A project and its data. The true answers stay hidden from those who annotate; `oracle` is their column."""

    name: str
    task_type: str
    file: str
    labels: list[dict[str, Any]]
    guidelines: str
    oracle: str
    columns: dict[str, Any] = field(default_factory=dict)  # the mapping, without what is hidden
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        return HERE / self.file

    @property
    def mapping(self) -> dict[str, Any]:
        return {**self.columns, "hidden": [self.oracle]}


def label_data(**described: str) -> list[dict[str, Any]]:
    """Return labels by name, with what each means; a name's underscores are hyphens."""
    return [{"name": name.replace("_", "-"), "description": meaning} for name, meaning in described.items()]


SMS_SPAM = Demo(
    name="SMS spam",
    task_type="text_classification",
    file="sms_spam.csv.gz",
    oracle="label",
    columns={"text": "text"},
    labels=[
        {"name": "ham", "key": "1", "description": "A message that its receiver wanted."},
        {"name": "spam", "key": "2", "description": "Advertising, fraud, unasked-for services."},
    ],
    guidelines="""\
Decide for each text message whether it is **spam**.

- **Spam**: advertising, prize and lottery claims, premium-rate numbers, dating lines, ringtone offers, anything sent
  to many people who did not ask for it.
- **Ham**: everything a person wrote to another person, however short, odd or rude. Also reminders and notices that the
  receiver plainly signed up for.

Judge the message itself, not its spelling. When you cannot tell, **skip**; when the text is broken, **flag** it.
""",
)

FIND_SPAM = Demo(
    name="Find all spam",
    task_type="text_classification",
    file="sms_spam.csv.gz",
    oracle="label",
    columns={"text": "text"},
    labels=[
        {"name": "spam", "key": "1", "description": "Advertising, fraud, unasked-for services."},
        {"name": "ham", "key": "2", "description": "A message that its receiver wanted."},
    ],
    guidelines="""\
Find **every spam message**. What is most likely spam comes first; the dashboard says how much of it has been found.

Where a message is none you may say why, with the digit beside the reason.
""",
    settings={
        "goal": "find_all",
        "label_to_find": "spam",
        "topic": "You have won a prize. Call now to claim your free reward.",
        "exclusion_reasons": ["written by a person", "a notice that was signed up for"],
    },
)

QUESTIONS = Demo(
    name="Cooking questions",
    task_type="text_multilabel",
    file="questions.jsonl.gz",
    oracle="labels",
    columns={"text": "text"},
    labels=label_data(
        baking="Bread, cakes, pastry: what goes into the oven as dough or batter.",
        bread="Loaves and rolls, also their dough.",
        chicken="About the meat, not about eggs.",
        eggs="Eggs as food or ingredient.",
        equipment="Pots, knives, ovens: choice and care.",
        food_safety="Whether something may still be eaten.",
        meat="Beef, pork, lamb and the like.",
        sauce="How to make, thicken or keep one.",
        storage_method="How and how long something keeps.",
        substitutions="What to take instead of something.",
        OTHER="Some other topic as well, or instead.",
    ),
    guidelines="""\
Give a question **every topic** that it asks about. `OTHER` stands beside them where there is another one too.
""",
)

REQUESTS = Demo(
    name="Same request",
    task_type="text_pair_classification",
    file="same_request.csv.gz",
    oracle="truth",
    columns={"text_a": "text_a", "text_b": "text_b"},
    labels=label_data(
        same="One answer would do for both: they ask for the same thing, in whatever words.",
        different="They ask for different things, however alike they sound.",
    ),
    guidelines="""\
Two people wrote to a voice assistant. Do they **want the same thing**?

- Names, places and amounts do not count: *how far is it to Rome* and *distance to the station* are the **same**.
- *What is my credit limit* and *raise my credit limit* are **different**, though nearly all words are there twice.
""",
)

NAMES = Demo(
    name="Names in posts",
    task_type="spans",
    file="wnut17.conll.gz",
    oracle="spans",
    columns={"text": "text"},
    labels=label_data(
        person="People, real or not.",
        location="Places, also buildings and countries.",
        corporation="Companies.",
        group="Bands, teams, parties, other organisations.",
        product="Things that are made and sold.",
        creative_work="Titles of books, films, songs.",
    ),
    guidelines="""\
Mark **names**, whole and without words around them. Hashtags and @names are none, unless the post needs them as one.
""",
)

CALLS = Demo(
    name="Bank calls",
    task_type="records",
    file="bank_marketing.csv.gz",
    oracle="y",
    labels=label_data(no="The customer will not make a deposit.", yes="The customer will make one."),
    guidelines="Will this customer of a bank make a deposit after the call? One in nine did.",
)

AGES = Demo(
    name="Ages of customers",
    task_type="record_numbers",
    file="bank_marketing.csv.gz",
    oracle="age",
    labels=[],
    guidelines="How old is this customer of a bank? The columns say what the bank knew when it called.",
    settings={"number_low": 17, "number_high": 98, "number_step": 1, "number_unit": "years", "number_near": 5},
)

DIGITS_DEMO = Demo(
    name="Handwritten digits",
    task_type="image_classification",
    file="digits.zip",
    oracle="label",
    columns={"image": "image", "id": "file"},
    labels=[{"name": str(digit), "key": str(digit)} for digit in range(10)],
    guidelines="Which digit was written? **Skip** what could be two.",
)

BLOOD_CELLS = Demo(
    name="Blood cells",
    task_type="boxes",
    file="blood_cells.zip",
    oracle="boxes",
    columns={"image": "image", "id": "file"},
    labels=label_data(
        RBC="Red blood cell: round, pale, the most frequent one.",
        WBC="White blood cell: large, its core stained dark.",
        Platelets="Small and dark, alone or in clumps.",
    ),
    guidelines="Draw a box round **every cell**, also where the border cuts it. Boxes may overlap.",
    settings={"test_share": 0.3},  # so few images are ever drawn on that else they would not be judged by enough
)

FILMS = Demo(
    name="Films",
    task_type="ratings",
    file="films.zip",
    oracle="truth",
    columns={"user": "userId", "thing": "movieId"},
    labels=[],
    guidelines="How many stars did this viewer give the film? Some like everything; **skip** where you have no idea.",
)

WHICH_FILM = Demo(
    name="Which film",
    task_type="preference",
    file="which_film.csv.gz",
    oracle="truth",
    columns={"left": "left", "right": "right"},
    labels=label_data(left="The film on the left.", right="The film on the right."),
    guidelines="Which of two films do its viewers like better **on average**? Not which one you like.",
)

DEMOS = (SMS_SPAM, FIND_SPAM, QUESTIONS, REQUESTS, NAMES, CALLS, AGES, DIGITS_DEMO, BLOOD_CELLS, FILMS, WHICH_FILM)
