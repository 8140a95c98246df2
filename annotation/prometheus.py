"""Numbers for monitoring, counted in the database when asked. Other apps append theirs to `SOURCES` when they start."""

from collections.abc import Callable, Iterator

from django.db.models import Count, Sum
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from annotation.models import Annotation, Export, Import, Item, Project, QueueEntry, WorkerHeartbeat


def answer_metrics() -> Iterator[Metric]:
    family = CounterMetricFamily("margin_answers", "Answers taken, by outcome.", labels=["outcome"])
    for outcome, count in Annotation.objects.order_by().values_list("outcome").annotate(Count("pk")):
        family.add_metric([outcome], count)
    yield family


def item_metrics() -> Iterator[Metric]:
    item_count = Project.objects.aggregate(total=Sum("item_count"))["total"] or 0
    yield GaugeMetricFamily("margin_items", "Items in all projects.", value=item_count)
    labelled = Item.objects.labelled().count()
    yield GaugeMetricFamily("margin_items_labelled", "Items with at least one answer.", value=labelled)


def queue_metrics() -> Iterator[Metric]:
    family = GaugeMetricFamily("margin_queue_entries", "Ranked entries, by project.", labels=["project"])
    for project, count in QueueEntry.objects.order_by().values_list("project").annotate(Count("pk")):
        family.add_metric([str(project)], count)
    yield family


def run_metrics() -> Iterator[Metric]:
    family = GaugeMetricFamily("margin_runs", "Imports and exports, by status.", labels=["kind", "status"])
    for kind, model in (("import", Import), ("export", Export)):
        for status, count in model.objects.order_by().values_list("status").annotate(Count("pk")):
            family.add_metric([kind, status], count)
    yield family


def worker_metrics() -> Iterator[Metric]:
    family = GaugeMetricFamily(
        "margin_worker_seen_timestamp_seconds", "When a worker of the queue was last seen.", labels=["queue"]
    )
    for sign in WorkerHeartbeat.objects.all():
        family.add_metric([sign.queue], sign.seen_at.timestamp())
    yield family


SOURCES: list[Callable[[], Iterator[Metric]]] = [
    answer_metrics,
    item_metrics,
    queue_metrics,
    run_metrics,
    worker_metrics,
]


class _Everything(Collector):
    def collect(self) -> Iterator[Metric]:
        for source in SOURCES:
            yield from source()

    def describe(self) -> list[Metric]:
        return []  # nothing is counted before somebody asks


def render_metrics() -> bytes:
    """Return all numbers in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Everything())
    return generate_latest(registry)
