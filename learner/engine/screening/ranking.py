"""Rank unread records by how relevant they are: two linear SVMs, one on words, one on the project's dense columns.

The words find the rare records that dense columns lose in their tail; the dense columns are better while few records
are known. Their scores mean different things, so it is their ranks that are averaged (Borda count; Aslam and Montague,
Models for Metasearch, SIGIR 2001). The machine on words has the parameters that ASReview's ELAS u4 found on the
SYNERGY collection (van de Schoot et al., Nature Machine Intelligence 2021; De Bruin et al., SYNERGY, 2023).

What is known to be irrelevant was ranked high once, so it is unlike the rest. A few unread records drawn at random are
therefore presumed to be irrelevant, which most of them are (Cormack and Grossman, Autonomy and Reliability of
Continuous Active Learning, 2015). Each machine is fitted with several such draws, and all their ranks are averaged: one
draw moves the tail of the ranking by chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack
from sklearn.svm import LinearSVC

from learner.engine.arrays.blas_threads import limit_blas_threads
from learner.engine.arrays.chunks import for_each_chunk
from learner.engine.arrays.sparse import Matrix
from learner.engine.contracts.query_strategy import Topic
from learner.engine.screening.topic import similarities_to

TERMS_FEATURE_SET = "tfidf"  # that makes the terms
TERMS_C = 0.11  # of the machine on words
DENSE_C = 0.11  # of the machine on dense columns
TERMS_RELEVANT_WEIGHT = 9.8  # of all relevant records together, over that of all irrelevant ones
DENSE_RELEVANT_WEIGHT = 5.0  # of one relevant record, over that of an irrelevant one
PRESUMED_DRAWS = 3  # of unread records that are presumed to be irrelevant
MAX_PRESUMED_RECORDS = 15  # of one draw
MAX_PRESUMED_SHARE = 0.1  # of the unread records: when few are left they are no sample of what is irrelevant
FIT_TOLERANCE = 0.03  # of the SVMs: the ranks are those of an exact fit, to .9999, in two thirds of the time

Floats = NDArray[np.float32]
Rows = NDArray[np.intp]


@dataclass(frozen=True)
class ScreeningColumns:
    """What is known of the records before anybody has read them: (n, d) dense columns, (n, t) terms of texts."""

    dense: NDArray[np.float32]  # may be a memmap, or a sketch that gives arrays when rows are asked for
    terms: csr_matrix | None = None


@dataclass(frozen=True)
class KnownRecords:
    """The records whose relevance is known."""

    rows: Rows  # (m,)
    is_relevant: NDArray[np.bool_]  # (m,)


def rank_unread(
    columns: ScreeningColumns, known: KnownRecords, unread_rows: Rows, topic: Topic | None = None, seed: int = 0
) -> Floats:
    """Return (u,) scores of the unread rows from 0 to 1, the most relevant the highest.

    The topic counts as one relevant record. While nothing irrelevant is known, the score is the mean cosine to what is
    known to be relevant; where nothing relevant is known either, all scores are 0. The same records and seed give the
    same scores. 2 PRESUMED_DRAWS fits on m records and a pass over the u unread: O((m + u) (d + words) + u log u).
    """
    if not len(unread_rows):
        return np.zeros(0, np.float32)
    has_relevant = bool(known.is_relevant.any()) or topic is not None
    if not has_relevant or known.is_relevant.all():
        return similarities_to(_relevant_examples(columns, known, topic), columns.dense, unread_rows)
    examples = [_with_presumed(known, unread_rows, seed, draw) for draw in range(PRESUMED_DRAWS)]
    with limit_blas_threads(1):  # too little work to share
        scores = _dense_scores(columns.dense, examples, unread_rows, topic, seed)
        if columns.terms is not None and columns.terms.shape[1]:
            scores = np.hstack([scores, _term_scores(columns.terms, examples, unread_rows, topic, seed)])
    return np.asarray(np.mean([_rank_shares(column) for column in scores.T], axis=0), np.float32)


def _relevant_examples(columns: ScreeningColumns, known: KnownRecords, topic: Topic | None) -> Floats:
    """Return the dense rows of what is known to be relevant, (e, d)."""
    examples = np.asarray(columns.dense[known.rows[known.is_relevant]], np.float32)
    return examples if topic is None else np.vstack([examples, topic.dense])


def _with_presumed(known: KnownRecords, unread_rows: Rows, seed: int, draw: int) -> KnownRecords:
    """Return the known records and some unread ones that are presumed to be irrelevant; others when more are known."""
    count = min(MAX_PRESUMED_RECORDS, int(MAX_PRESUMED_SHARE * len(unread_rows)))
    presumed = np.random.default_rng([seed % 2**32, len(known.rows), draw]).choice(unread_rows, count, replace=False)
    return KnownRecords(
        np.concatenate([known.rows, presumed]), np.concatenate([known.is_relevant, np.zeros(count, bool)])
    )


def _term_scores(
    terms: csr_matrix, examples: Sequence[KnownRecords], unread_rows: Rows, topic: Topic | None, seed: int
) -> Floats:
    """Return (u, draws) how relevant the unread rows are to the machines on words."""
    directions = []
    for each in examples:
        rows, is_relevant = terms[each.rows], each.is_relevant
        if topic is not None and topic.terms is not None:
            rows, is_relevant = vstack([rows, topic.terms], format="csr"), np.append(is_relevant, True)
        directions.append(_fit_direction(rows, is_relevant, balanced_weights(is_relevant), TERMS_C, seed))
    scores: Floats = np.asarray(terms @ np.column_stack(directions), np.float32)
    return scores[unread_rows]  # of all at first: cheaper than to take the rows out


def _dense_scores(
    features: NDArray[np.float32],
    examples: Sequence[KnownRecords],
    unread_rows: Rows,
    topic: Topic | None,
    seed: int,
) -> Floats:
    """Return (u, draws) how relevant the unread rows are to the machines on dense columns."""
    directions = []
    for each in examples:
        rows, is_relevant = np.asarray(features[each.rows], np.float32), each.is_relevant
        if topic is not None:
            rows, is_relevant = np.vstack([rows, topic.dense]), np.append(is_relevant, True)
        weights = np.where(is_relevant, DENSE_RELEVANT_WEIGHT, 1.0)
        directions.append(_fit_direction(rows, is_relevant, weights, DENSE_C, seed))
    by_draw = np.column_stack(directions)
    scores = np.empty((len(unread_rows), len(examples)), np.float32)

    def score_chunk(part: slice) -> None:
        scores[part] = features[unread_rows[part]] @ by_draw

    for_each_chunk(len(unread_rows), score_chunk)
    return scores


def _fit_direction(
    rows: Matrix, is_relevant: NDArray[np.bool_], weights: NDArray[np.float64], c: float, seed: int
) -> Floats:
    """Return (d,) in which direction a linear SVM (squared hinge loss) finds records more relevant."""
    machine = LinearSVC(C=c, tol=FIT_TOLERANCE, random_state=seed % 2**32).fit(rows, is_relevant, weights)
    return np.asarray(machine.coef_[0], np.float32)


def balanced_weights(is_relevant: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return (m,) weights of mean one: all relevant records together weigh TERMS_RELEVANT_WEIGHT times the rest.

    >>> balanced_weights(np.array([True, False, False])).round(3).tolist()
    [2.722, 0.139, 0.139]
    """
    relevant_count = int(is_relevant.sum())
    other_count = len(is_relevant) - relevant_count
    weights = np.where(is_relevant, 1.0, relevant_count / (TERMS_RELEVANT_WEIGHT * max(other_count, 1)))
    return np.asarray(weights * (len(weights) / weights.sum()))


def _rank_shares(scores: Floats) -> Floats:
    """Return the rank of each score as a share of all, the highest 1; equal scores have their mean rank."""
    order = scores.argsort(kind="stable")
    ordered = scores[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] > ordered[:-1]]))
    sizes = np.diff(np.append(starts, len(scores)))
    result = np.empty(len(scores), np.float32)
    result[order] = np.repeat(starts + (sizes + 1) / 2, sizes) / len(scores)
    return result
