"""A version of features that has two sets of columns, and which of them are read: VERSION:VIEW, as rounds name it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # settings and pages have the names without the libraries of numbers
    from learner.engine.arrays.sparse import Matrix

# what is made here, what an encoder makes, all columns
PLAIN_VIEW, ENCODER_VIEW, BOTH_VIEW = "plain", "encoder", "both"
VIEWS = (PLAIN_VIEW, ENCODER_VIEW, BOTH_VIEW)


def version_with_view(version: str, view: str) -> str:
    """Return the name of a version of which only the columns of a view are read."""
    return f"{version}:{view}" if view else version


def base_version(version: str) -> str:
    """Return the version without its view."""
    return version.partition(":")[0]


def view_of_version(version: str) -> str:
    """Return the view; "" where all columns are read because there is one set."""
    return version.partition(":")[2]


def viewed_columns(features: "Matrix", plain_dimensions: int, view: str) -> "Matrix":
    """Return the columns (n, k) of a view without copying; `plain_dimensions` is the width of the first set."""
    if view == PLAIN_VIEW:
        return features[:, :plain_dimensions]
    return features[:, plain_dimensions:] if view == ENCODER_VIEW else features
