"""How often a test does what it repeats: examples, kills, draws.

CI runs the smallest number that is honest. `make verify` sets MARGIN_TEST_SCALE, and the same tests do it so many times
more.
"""

import os

SCALE = int(os.environ.get("MARGIN_TEST_SCALE", "1"))


def scaled(count: int) -> int:
    """Return how often to do in this run what CI does `count` times."""
    return count * SCALE
