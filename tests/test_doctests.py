"""Examples in docstrings are tests: each says what really comes out."""

import doctest
from importlib import import_module

import pytest

from tests.test_layers import ROOT, sources

WITH_EXAMPLES = [
    str(path.relative_to(ROOT).with_suffix("")).replace("/", ".")
    for path in sources("annotation", "learner", "alproject", "benchmarks")
    if ">>>" in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("module", WITH_EXAMPLES)
def test_the_examples_hold(module: str) -> None:
    found = doctest.testmod(import_module(module))
    assert found.attempted
    assert not found.failed
