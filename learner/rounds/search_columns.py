"""What a search reads of items besides their features: the terms of texts, and the topic as a row of both.

The terms lie in a store of their own inside the project's folder, and are brought up to date as the features are.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.conf import settings as django_settings
from scipy.sparse import csr_matrix

from annotation.models import Project
from learner.engine.arrays.sparse import first_rows
from learner.engine.contracts.iteration import IterationSettings
from learner.engine.contracts.query_strategy import Topic
from learner.engine.screening.ranking import TERMS_FEATURE_SET
from learner.engine.screening.topic import topic_of_sentence
from learner.engine.storage.feature_store import MIN_QUICK_ITEMS, FeatureStore
from learner.engine.strategy_requirements import READS_TERMS
from learner.engine.task_profiles import TASK_PROFILES, TEXT
from learner.rounds import item_contents


@dataclass(frozen=True)
class SearchColumns:
    """Terms (n, t) and topic; None where items are no texts, the strategy reads none, or they are not there yet."""

    terms: csr_matrix | None = None
    version: str = ""  # of the terms
    topic: Topic | None = None


NO_SEARCH_COLUMNS = SearchColumns()


def read_search_columns(project: Project, items: int, settings: IterationSettings) -> SearchColumns:
    """Return what the strategy reads of the first items besides their features.

    A large pool's terms are first made in the background, by `build_terms`: until then there are none.
    """
    if not reads_terms(project, settings.strategy):
        return SearchColumns(topic=_topic_rows(project, settings, None))
    store, key = FeatureStore(django_settings.STORE_ROOT), terms_key(project)
    if items < MIN_QUICK_ITEMS or store.current_version(key):
        store.ensure_rows(key, items, _texts_of(project, items), TERMS_FEATURE_SET, project.seed, quick=True)
    version, terms = store.current_version(key), store.open(key)
    if terms.shape[0] < items:
        return SearchColumns(topic=_topic_rows(project, settings, None))
    return SearchColumns(first_rows(terms, items), version, _topic_rows(project, settings, key))


def build_terms(project: Project, strategy: str, progress: Callable[[int], None]) -> str:
    """Bring the terms up to all items, fitted again where the pool has outgrown them; return their version.

    "" where none are read. `progress` is called after each chunk and may raise to abort.
    """
    store, items = FeatureStore(django_settings.STORE_ROOT), project.item_count
    if not reads_terms(project, strategy):
        return ""
    store.ensure_rows(
        terms_key(project),
        items,
        _texts_of(project, items),
        TERMS_FEATURE_SET,
        project.seed,
        wait=False,
        progress=progress,
    )
    return store.current_version(terms_key(project))


def are_terms_final(project: Project, items: int, strategy: str) -> bool:
    """Whether there is nothing better to make for a pool of so many items."""
    store = FeatureStore(django_settings.STORE_ROOT)
    return not reads_terms(project, strategy) or store.is_final(terms_key(project), items, TERMS_FEATURE_SET)


def reads_terms(project: Project, strategy: str) -> bool:
    """Whether the strategy reads terms, and the items are texts."""
    return strategy in READS_TERMS and TASK_PROFILES[project.task_type].content is TEXT


def terms_key(project: Project) -> str:
    """Return what the store knows the project's terms by."""
    return f"{project.pk}/terms"


def _texts_of(project: Project, items: int) -> Callable[[int], Iterator[list[str]]]:
    def texts(start: int) -> Iterator[list[str]]:
        return item_contents.content_chunks(project, start, items)

    return texts


def _topic_rows(project: Project, settings: IterationSettings, terms: str | None) -> Topic | None:
    """Return the topic as rows of the features and, where there are some, of the terms."""
    if not settings.topic or TASK_PROFILES[project.task_type].content is not TEXT:
        return None
    store = FeatureStore(django_settings.STORE_ROOT)
    transformer = store.current_transformer(project.pk)
    if transformer is None:
        return None
    return topic_of_sentence(settings.topic, transformer, store.current_transformer(terms) if terms else None)
