"""Signed proof that an item was assigned to a person: it outlives the lease, which is deleted when its time is over.

`next/` answers with it and the client sends it back with its answer, however late: whoever has it is never refused.
How the item was chosen is in it, so that a late answer keeps that. A person can read it: it does not tell an item of
the test sample from another that was drawn at random.
"""

from dataclasses import dataclass
from typing import Any

from django.core import signing

from annotation.models import Assignment, Item, Reason, Split

SALT = "annotation.assignment"


@dataclass(frozen=True)
class AssignmentProof:
    """Who was given which item, and why that one."""

    project: int
    user: int
    item: int
    reason: str
    round: int | None
    probability: float | None
    score: float | None

    def provenance(self, item: Item) -> dict[str, Any]:
        """Return how the item was chosen, as an answer keeps it."""
        reason = Reason.TEST if item.split == Split.TEST else self.reason
        return {"reason": reason, "round": self.round, "probability": self.probability, "score": self.score}


def sign_assignment(row: Assignment) -> str:
    """Return the proof of an assignment, with the time of signing in it."""
    claim = [row.project_id, row.user_id, row.item_id, shown_reason(row.reason), row.round, row.probability, row.score]
    return signing.TimestampSigner(salt=SALT).sign_object(claim)


def read_proof(text: str, project: int, user: int, item: int) -> AssignmentProof | None:
    """Return the proof that the item was assigned to the person; None where the text is none. It never grows old."""
    if not text:
        return None
    try:
        proof = AssignmentProof(*signing.TimestampSigner(salt=SALT).unsign_object(text))
    except (signing.BadSignature, ValueError, TypeError):  # the text is whatever somebody sends
        return None
    return proof if (proof.project, proof.user, proof.item) == (project, user, item) else None


def shown_reason(reason: str) -> str:
    """Return the reason as it is told to whoever is to answer: who knew the test sample could answer it with more care.

    >>> shown_reason("test"), shown_reason("uncertain")
    ('random', 'uncertain')
    """
    return Reason.RANDOM.value if reason == Reason.TEST else reason
