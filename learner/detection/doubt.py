"""How unsure a detector is of a picture, as one number from 0 to 1.

Brust, Käding and Denzler, "Active learning for deep object detection", VISAPP 2019: each box found is as doubtful as
(1 - (p1 - p2))^2, p1 and p2 its two best probabilities, background included; a picture as all of its boxes together,
their mean, or the worst. A sum is brought below one by 1 - exp(-sum), which keeps the order. Faint boxes count
too: one that is half believed is what a person could settle.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Doubt = Callable[[NDArray[np.floating]], float]  # leads (n,) of the best over the second, 0 to 1 -> 0 to 1


def total(leads: NDArray[np.floating]) -> float:
    """Return the bounded sum: pictures with much to settle come first."""
    return float(-np.expm1(-_each(leads).sum()))


def mean(leads: NDArray[np.floating]) -> float:
    """Return the mean; 0 without boxes."""
    return float(_each(leads).mean()) if len(leads) else 0.0


def worst(leads: NDArray[np.floating]) -> float:
    """Return the doubt of the most doubtful box; 0 without boxes."""
    return float(_each(leads).max(initial=0.0))


def _each(leads: NDArray[np.floating]) -> NDArray[np.float64]:
    return (1 - np.clip(np.asarray(leads, np.float64), 0, 1)) ** 2


DOUBTS: dict[str, Doubt] = {"total": total, "mean": mean, "worst": worst}
