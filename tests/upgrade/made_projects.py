"""What the projects of the kept installation hold: small made-up data for each task type. Pure.

Each row of a file has the true answer in the column `truth`, as JSON; it is imported as a hidden column.
"""

import io
import json
import random
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from PIL import Image, ImageDraw

Row = dict[str, Any]

# every strategy for classes, each the strategy of a project of its own
STRATEGIES = (
    *("boltzmann", "power", "softrank", "margin", "least_confidence", "entropy", "weighted_kmeans", "cluster_margin"),
    *("density_weighted", "badge", "bald", "power_bald", "vote_entropy", "model_change", "error_reduction"),
    *("contrastive", "class_balanced", "rare_class", "relevance", "core_set", "discriminative", "spread", "typiclust"),
    *("prob_cover", "mixture", "random"),
)
ESTIMATORS = ("logistic", "svm", "sgd", "bayes", "committee", "forest", "boosting")
FEATURES = ("tfidf", "lsa", "tfidf", "ngrams", "tfidf", "static", "tfidf", "auto", "tfidf", "encoder")


@dataclass(frozen=True)
class Spec:
    """A project: what it is, what is imported into it, and how many items get answers."""

    name: str
    task_type: str
    rows: list[Row]
    mapping: dict[str, Any]
    answers: int
    labels: tuple[str, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    pictures: Mapping[str, bytes] = field(default_factory=dict)  # by name; with any, the file is an archive

    def file(self, rows: Sequence[Row] | None = None) -> tuple[str, bytes]:
        """Return name and bytes of the file to upload: of all rows, or of these."""
        rows = self.rows if rows is None else rows
        if not self.pictures:
            text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            return f"{self.name.lower()}.jsonl", text.encode()
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as folder:
            lines = ["file,truth", *(f'{row["file"]},"{row["truth"].replace(chr(34), chr(34) * 2)}"' for row in rows)]
            folder.writestr("labels.csv", "\n".join(lines))
            for row in rows:
                folder.writestr(row["file"], self.pictures[row["file"]])
        return f"{self.name.lower()}.zip", archive.getvalue()


def specs() -> list[Spec]:
    """Return all projects, one of each task type first."""
    return [
        messages(),
        recipes("Recipes", "relevance", {"overlap": 2, "strategy": "mixture", "spread_share": 0.5, "features": "lsa"}),
        customers(),
        ages("Ages", "numbers", 90, 66),
        digits(),
        names("Names", "crf_total", {"strategy": "softrank", "spans_overlap": True}),
        cells(),
        films(),
        dishes(),
        recipes("Topics", "relevance_least", {"suggestion": "shown", "features": "ngrams"}, DISHES | MORE),
        ages("Weights", "ridge", 30, 20),
        ages("Heights", "number_trees", 30, 20),
        names("Places", "crf", {"strategy": "density_weighted"}),
        *(of_a_strategy(place, name) for place, name in enumerate(STRATEGIES)),
    ]


# Texts

SPAM = ("win a free prize now", "cheap loans call today", "claim your cash reward", "urgent winner text back")
HAM = ("see you at lunch", "running late sorry", "can you pick up milk", "how was your day", "thanks for the notes")
ENDS = ("please", "ok", "friday", "soon", "at the station", "again", "this evening", "before nine", "if you can")


def one(label: str) -> str:
    return json.dumps({"labels": [label]})


def short_texts(n: int, seed: int) -> list[Row]:
    rng = random.Random(seed)
    every = [f"{text} {end} {last}" for text in (*SPAM, *HAM) for end in ENDS for last in ENDS if end != last]
    return [
        {"text": text, "id": f"m{number}", "truth": one("spam" if text.startswith(SPAM) else "ham")}
        for number, text in enumerate(rng.sample(every, n))
    ]


def messages() -> Spec:
    """The largest one: five rounds with models, an answered test sample, suggestions that are shown."""
    rows = short_texts(180, 1)
    for row in rows[::17]:
        row["given"] = json.loads(row["truth"])["labels"][0]  # imported answers
    settings = {
        "test_size": 36,
        "test_share": 0.4,
        "random_share": 0.12,
        "suggestion": "shown",
        "withhold_share": 0.2,
        "relevant_label": "spam",
        "label_budget": 500,
        "target_accuracy": 0.99,
        "stop_kappa": 0.97,
        "lease_minutes": 45,
    }
    mapping = {"text": "text", "id": "id", "label": "given", "hidden": ["truth"], "create_labels": True}
    return Spec("Messages", "text_classification", rows, mapping, 125, ("ham", "spam"), settings)


def of_a_strategy(place: int, name: str) -> Spec:
    settings = {
        "strategy": name,
        "estimator": ESTIMATORS[place % len(ESTIMATORS)],
        "features": FEATURES[place % len(FEATURES)],
        "batch_size": 8,
        "test_size": 3,
        "random_share": 0.15 if name == "random" else 0.03,
    }
    mapping = {"text": "text", "id": "id", "hidden": ["truth"]}
    return Spec(
        name.capitalize(), "text_classification", short_texts(26, 100 + place), mapping, 17, ("ham", "spam"), settings
    )


DISHES = {"bread": "dough yeast loaf", "cake": "sugar cream oven", "sauce": "thicken whisk pan", "meat": "beef roast"}
MORE = {name: f"{name} {name}s" for name in ("egg", "rice", "pan", "knife", "fish", "cheese", "plum", "salt")}


def recipes(name: str, estimator: str, settings: dict[str, Any], topics: dict[str, str] = DISHES) -> Spec:
    rng = random.Random(name)
    rows = []
    for number in range(40):
        labels = sorted(rng.sample(list(topics), rng.choice([0, 1, 1, 2])))
        words = [rng.choice(topics[label].split()) for label in labels for _ in range(3)]
        text = f"question {number} about {' '.join(words)} {rng.choice(ENDS)}"
        rows.append({"text": text, "truth": json.dumps({"labels": labels})})
    chosen = {"estimator": estimator, "batch_size": 12, "test_size": 6, "random_share": 0.04, **settings}
    mapping = {"text": "text", "hidden": ["truth"], "create_labels": False}
    answers = 26 * int(chosen.get("overlap", 1))
    return Spec(name, "text_multilabel", rows, mapping, answers, tuple(topics), chosen)


PEOPLE, TOWNS = ("Ada Lovelace", "Alan Turing", "Grace Hopper", "Bo"), ("Paris", "New York", "Oslo")


def names(name: str, estimator: str, settings: dict[str, Any]) -> Spec:
    rng = random.Random(name)
    rows = []
    for number in range(36):
        text, spans = f"{number}: ", []
        for word in rng.sample(["yesterday", "person", "went to", "town", "and met", "person"], 5):
            if word in ("person", "town"):
                found = rng.choice(PEOPLE if word == "person" else TOWNS)
                spans.append({"start": len(text), "end": len(text) + len(found), "label": word})
                word = found
            text += f"{word} "
        rows.append({"text": text.strip(), "truth": json.dumps({"spans": spans})})
    chosen = {"estimator": estimator, "batch_size": 10, "test_size": 6, "random_share": 0.04, **settings}
    mapping = {"text": "text", "hidden": ["truth"]}
    return Spec(name, "spans", rows, mapping, 29, ("person", "town"), chosen)


# Tables


def customers() -> Spec:
    """Columns of every kind: numbers, dates, one of a few values, several of them, words."""
    rng = random.Random(5)
    rows: list[Row] = []
    for number in range(110):
        buys = rng.random() < 0.4
        rows.append(
            {
                "customer": f"c{number}",
                "age": str(rng.randint(40, 80) if buys else rng.randint(18, 50)),
                "since": f"20{rng.randint(10, 24)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}",
                "job": rng.choice(["nurse", "cook", "clerk"]) if rng.random() < 0.9 else "",
                "likes": ", ".join(sorted(rng.sample(["tea", "coffee", "juice", "water"], 2))),
                "remark": f"{rng.choice(ENDS)} {rng.choice(HAM if buys else SPAM)} {number}",
                "truth": one("yes" if buys else "no"),
            }
        )
    settings = {
        "strategy": "power",
        "estimator": "forest",
        "beta": 2.5,
        "beta_end": 40,
        "beta_labels": 60,
        "test_size": 20,
        "batch_size": 25,
        "stop_when": "pause",
        "time_budget_hours": 90.5,
        "suggestion": "after",
    }
    mapping = {
        "id": "customer",
        "hidden": ["truth"],
        "fields": ["age", "since", "job", "likes", "remark"],
        "create_labels": False,
    }
    return Spec("Customers", "records", rows, mapping, 80, ("no", "yes"), settings)


def ages(name: str, estimator: str, items: int, answers: int) -> Spec:
    rng = random.Random(name)
    rows: list[Row] = []
    for number in range(items):
        years = rng.randint(18, 90)
        truth = json.dumps({"number": years})
        rows.append(
            {"card": f"{years * 3 + rng.randint(-9, 9)}", "size": f"{number % 7}", "no": number, "truth": truth}
        )
    settings = {
        "estimator": estimator,
        "number_low": 0,
        "number_high": 120,
        "number_step": 1,
        "number_unit": "years",
        "number_near": 4,
        "target_error": 1.5,
        "test_size": 8,
        "batch_size": 10,
        "random_share": 0.03,
    }
    mapping = {"hidden": ["truth"], "fields": ["card", "size", "no"]}
    return Spec(name, "record_numbers", rows, mapping, answers, (), settings)


def films() -> Spec:
    rng = random.Random(8)
    rows: list[Row] = []
    for user, film in rng.sample([(user, film) for user in range(9) for film in range(9)], 70):
        stars = min(5.0, max(0.5, 0.5 * (1 + (user + film) % 5 * 2 + rng.choice([0, 0, 1]))))
        rows.append(
            {
                "userId": f"u{user}",
                "movieId": f"m{film}",
                "title": f"Film {film}",
                "user.age": str(20 + 5 * user),
                "truth": json.dumps({"rating": stars}),
            }
        )
    mapping = {"user": "userId", "thing": "movieId", "hidden": ["truth"], "fields": ["title", "user.age"]}
    settings = {"strategy": "new_users", "test_size": 12, "batch_size": 12, "random_share": 0.06}
    return Spec("Films", "ratings", rows, mapping, 40, (), settings)


def dishes() -> Spec:
    rng = random.Random(9)
    pairs = rng.sample([(a, b) for a in range(10) for b in range(10) if a != b], 44)
    rows: list[Row] = [
        {
            "left": f"dish {a}",
            "right": f"dish {b}",
            "left.weight": str(a * 10),
            "right.weight": str(b * 10),
            "truth": one("left" if a > b else "right"),
        }
        for a, b in pairs
    ]
    settings = {"estimator": "svm", "strategy": "entropy", "test_size": 6, "batch_size": 10, "random_share": 0.04}
    mapping = {"left": "left", "right": "right", "hidden": ["truth"], "fields": ["left.weight", "right.weight"]}
    return Spec("Dishes", "preference", rows, mapping, 25, (), settings)


# Images


def picture(width: int, height: int, boxes: Sequence[tuple[int, int, int, int]], rng: random.Random) -> bytes:
    image = Image.new("L", (width, height), rng.randint(200, 250))
    draw = ImageDraw.Draw(image)
    for x, y, w, h in boxes:
        draw.rectangle((x, y, x + w - 1, y + h - 1), fill=rng.randint(0, 60))
    draw.point((rng.randrange(width), rng.randrange(height)), fill=128)  # no two are the same
    raw = io.BytesIO()
    image.save(raw, "PNG")
    return raw.getvalue()


def digits() -> Spec:
    rng = random.Random(10)
    rows: list[Row] = []
    pictures = {}
    for number in range(26):
        wide = number % 2 == 0
        name = f"{number:02}.png"
        x, y = rng.randint(0, 4), rng.randint(0, 4)
        pictures[name] = picture(24, 24, [(x, y, 18, 5) if wide else (x, y, 5, 18)], rng)
        rows.append({"file": name, "truth": one("wide" if wide else "tall")})
    settings = {"estimator": "bayes", "suggestion": "shown", "test_size": 4, "batch_size": 8, "random_share": 0.03}
    mapping = {"image": "image", "id": "file", "hidden": ["truth"]}
    return Spec("Digits", "image_classification", rows, mapping, 17, ("wide", "tall"), settings, pictures)


def cells() -> Spec:
    """Of a server without an image encoder: the detector does what the neural one was chosen for."""
    rng = random.Random(11)
    rows: list[Row] = []
    pictures = {}
    for number in range(12):
        file, boxes = f"{number:02}.png", []
        for column in range(rng.choice([1, 2, 2])):
            small = rng.random() < 0.5
            side = 8 if small else 14
            boxes.append((column * 24 + rng.randint(0, 6), rng.randint(0, 30), side, side))
        pictures[file] = picture(48, 48, boxes, rng)
        found = [
            {"x": x, "y": y, "w": w, "h": h, "label": "small" if w == 8 else "large"} for x, y, w, h in sorted(boxes)
        ]
        rows.append({"file": file, "truth": json.dumps({"boxes": found})})
    settings = {"estimator": "neural_detector", "test_size": 2, "batch_size": 7, "random_share": 0}
    mapping = {"image": "image", "id": "file", "hidden": ["truth"]}
    return Spec("Cells", "boxes", rows, mapping, 8, ("small", "large"), settings, pictures)
