"""Numbers about rounds for monitoring; added to annotation's when the app starts."""

from collections.abc import Iterator

from django.db.models import Count, F, Sum
from prometheus_client.core import GaugeMetricFamily, Metric, SummaryMetricFamily

from learner.models import Round


def round_metrics() -> Iterator[Metric]:
    family = GaugeMetricFamily("margin_rounds", "Rounds, by status.", labels=["status"])
    for status, count in Round.objects.order_by().values_list("status").annotate(Count("pk")):
        family.add_metric([status], count)
    yield family
    done = Round.objects.done().order_by().aggregate(count=Count("pk"), took=Sum(F("finished_at") - F("started_at")))
    seconds = done["took"].total_seconds() if done["took"] else 0.0
    yield SummaryMetricFamily("margin_round_seconds", "How long rounds took.", done["count"], seconds)
