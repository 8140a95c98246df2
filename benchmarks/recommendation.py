"""New users of MovieLens: how well their ratings are foretold after a few questions, by which question is asked.

    python -m benchmarks.recommendation DIRECTORY [--seeds 3] [--png FILE] [--only ORDER ...]

DIRECTORY has ratings.csv.gz and movies.csv.gz of MovieLens ml-latest-small (Harper and Konstan, ACM TiiS 2015). In each
run 100 users who rated 40 films or more are new. Half of what each rated can be asked about, the other half is
foretold; the others' ratings are known. All new users are asked at once and the model learns anew at each point.
"""

import argparse
import csv
import gzip
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.engine.estimators.recommendation import matrix_factorization
from learner.engine.estimators.recommendation.factor_model import FactorModel
from learner.engine.query_strategies.cold_start_users import FIRST_QUESTIONS, popularity_times_entropy

ASKED = (0, 1, 2, 5, 10, 15, 20)  # questions a new user was asked at each point
NEW, FEWEST = 100, 40

Rows = NDArray[np.intp]
Order = Callable[[FactorModel, "Data", Rows, Rows, int, np.random.Generator], NDArray[np.floating[Any]]]


class Data:
    """The ratings of a directory."""

    def __init__(self, folder: Path) -> None:
        with gzip.open(folder / "movies.csv.gz", "rt", encoding="utf-8") as file:
            genres = {row["movieId"]: row["genres"] for row in csv.DictReader(file)}
        with gzip.open(folder / "ratings.csv.gz", "rt", encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if row["movieId"] in genres]
        self.contents = np.empty(len(rows), object)
        for n, row in enumerate(rows):
            self.contents[n] = {"user": row["userId"], "thing": row["movieId"], "genres": genres[row["movieId"]]}
        self.users = np.unique([row["userId"] for row in rows], return_inverse=True)[1]
        self.films = np.unique([row["movieId"] for row in rows], return_inverse=True)[1]
        self.labels = np.array([row["rating"] for row in rows])
        self.ratings = self.labels.astype(float)


def uncertain(
    model: FactorModel, data: Data, bank: Rows, known: Rows, asked: int, rng: np.random.Generator
) -> NDArray[Any]:
    """How unsure the model is of the rating."""
    return model.uncertainty(data.contents, bank)


def random(
    model: FactorModel, data: Data, bank: Rows, known: Rows, asked: int, rng: np.random.Generator
) -> NDArray[Any]:
    """By lot."""
    return rng.random(len(bank))


def popular(
    model: FactorModel, data: Data, bank: Rows, known: Rows, asked: int, rng: np.random.Generator
) -> NDArray[Any]:
    """Films that most users have rated."""
    counts: NDArray[Any] = np.bincount(data.films[known], minlength=data.films.max() + 1)[data.films[bank]]
    return counts


def popular_disputed(
    model: FactorModel, data: Data, bank: Rows, known: Rows, asked: int, rng: np.random.Generator
) -> NDArray[Any]:
    """Popularity (its logarithm) times the entropy of the ratings: Rashid et al., IUI 2002."""
    codes = np.unique(data.labels, return_inverse=True)[1]
    return popularity_times_entropy(data.films[known], codes[known], int(data.films.max()) + 1)[data.films[bank]]


def new_users(
    model: FactorModel, data: Data, bank: Rows, known: Rows, asked: int, rng: np.random.Generator
) -> NDArray[Any]:
    """The strategy of that name: popularity times entropy for the first questions, then the model's doubt."""
    return (popular_disputed if asked < FIRST_QUESTIONS else uncertain)(model, data, bank, known, asked, rng)


ORDERS: dict[str, Order] = {
    "uncertain": uncertain,
    "popular x entropy": popular_disputed,
    "new_users": new_users,
    "popular": popular,
    "random": random,
}


def run(data: Data, order: Order, seed: int) -> NDArray[np.float64]:
    """Return (len(ASKED), NEW): the root mean square error about each new user's held-out ratings."""
    rng = np.random.default_rng(seed)
    counts = np.bincount(data.users)
    new = rng.choice(np.flatnonzero(counts >= FEWEST), NEW, replace=False)
    old = np.flatnonzero(~np.isin(data.users, new))
    halves = [np.array_split(rng.permutation(np.flatnonzero(data.users == user)), 2) for user in new]
    banks, held = [half[0] for half in halves], [half[1] for half in halves]
    asked: list[list[int]] = [[] for _ in new]
    errors: list[list[float]] = []
    model = matrix_factorization.fit(data.contents[old], data.labels[old], seed)
    for point in ASKED:
        for n, bank in enumerate(banks):
            if wanted := point - len(asked[n]):
                left = np.setdiff1d(bank, asked[n])
                scores = order(model, data, left, old, len(asked[n]), rng)
                asked[n] += left[np.argsort(-scores, kind="stable")[:wanted]].tolist()
        if point:
            train = np.concatenate([old, np.array([row for rows in asked for row in rows], np.intp)])
            model = matrix_factorization.fit(data.contents[train], data.labels[train], seed)
        errors.append([_error(model, data, rows) for rows in held])
    return np.array(errors)


def _error(model: FactorModel, data: Data, rows: Rows) -> float:
    return float(np.sqrt(((model.expected_ratings(data.contents, rows) - data.ratings[rows]) ** 2).mean()))


def lines(found: Mapping[str, NDArray[np.float64]]) -> list[str]:
    """Return a table: the mean over users, and by how much it is below random's with its 95 % interval."""
    head = ["| questions | " + " | ".join(found) + " |", "| ---: |" + " ---: |" * len(found)]
    for place, point in enumerate(ASKED):
        cells = []
        for errors in found.values():
            less = found["random"][place] - errors[place]
            half = 1.96 * less.std(ddof=1) / np.sqrt(len(less))
            gained = f" ({less.mean():+.3f} ± {half:.3f})" if point and half else ""
            cells.append(f"{errors[place].mean():.3f}{gained}")
        head.append(f"| {point} | " + " | ".join(cells) + " |")
    return head


def draw(found: Mapping[str, NDArray[np.float64]], path: Path) -> None:
    """Write the curves as a picture."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.2), layout="constrained")
    axes = figure.add_subplot(xlabel="questions a new user was asked", ylabel="RMSE of the user's other ratings")
    for (name, errors), style in zip(found.items(), ("-o", "--^", "-.s", ":v", "--x"), strict=False):
        axes.plot(ASKED, errors.mean(axis=1), style, label=name, markersize=4)
    axes.set_xticks(ASKED)
    axes.legend(frameon=False)
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=140)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--png", type=Path)
    parser.add_argument("--only", nargs="+", choices=ORDERS, default=list(ORDERS), help="and random, to compare with")
    options = parser.parse_args()
    data = Data(options.folder)
    found = {
        name: np.hstack([run(data, order, seed) for seed in range(options.seeds)])
        for name, order in ORDERS.items()
        if name in (*options.only, "random")
    }
    print("\n".join(lines(found)))
    if options.png:
        draw(found, options.png)


if __name__ == "__main__":
    main()
