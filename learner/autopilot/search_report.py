"""What a search by an autopilot came to, as the oracle alone can tell: true recall, and the reading that it saved."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from annotation.models import Annotation, Project, Reason
from learner.autopilot.oracle import Oracle
from learner.engine.screening.metrics import screening_loss, work_saved_over_sampling

RECALL_OF_WSS = 0.95


def true_search_figures(project: Project, oracle: Oracle) -> dict[str, Any] | None:
    """Return {label, relevant, found, read, recall, wss95, loss} of a project that finds all items of a label.

    Items whose answer was imported are left out. `loss` is None until all are found, `wss95` until 95 % are.
    """
    label = project.label_to_find
    if label is None:
        return None
    answers = Annotation.objects.answers().filter(project=project)
    known = set(answers.filter(reason=Reason.IMPORTED).values_list("item", flat=True))
    read = answers.exclude(item__in=known).order_by("created_at", "pk").values_list("item", flat=True)
    order = list(dict.fromkeys(read))
    unread = [pk for pk in oracle.ids.tolist() if pk not in known and pk not in set(order)]
    is_relevant = np.array([oracle.label_of(pk) == label for pk in [*order, *unread]], dtype=bool)
    found, relevant = int(is_relevant[: len(order)].sum()), int(is_relevant.sum())
    can_tell = 0 < relevant < len(is_relevant)
    return {
        "label": label,
        "relevant": relevant,
        "found": found,
        "read": len(order),
        "records": len(is_relevant),
        "recall": found / relevant if relevant else None,
        "wss95": work_saved_over_sampling(is_relevant) if can_tell and found >= RECALL_OF_WSS * relevant else None,
        "loss": screening_loss(is_relevant) if can_tell and found == relevant else None,
    }


def search_report_lines(true: dict[str, Any], finding: dict[str, Any]) -> Iterator[str]:
    """Say what the dashboard tells of the recall, and what is true."""
    yield ""
    found, read = f"{true['found']} of {true['relevant']}", f"{true['read']} of {true['records']}"
    yield f"Found {found} items of {true['label']!r}; {read} were read."
    bound = finding["recall_lower_bound"]
    told = "nothing of recall yet" if bound is None else f"recall at least {bound:.3f}"
    yield f"The dashboard says {told}; true recall {_figure(true['recall'])}."
    yield f"WSS@95 {_figure(true['wss95'])}, loss {_figure(true['loss'])}."


def _figure(value: float | None) -> str:
    return "not yet known" if value is None else f"{value:.3f}"
