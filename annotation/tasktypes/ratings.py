"""Ratings: what users think of things. Value: {"rating": 4.0}.

Content: {"user": "u7", "thing": "m31", "fields": {"title": "Alien", "user.age": "41"}}. The fields tell about the
thing; those whose name begins with `user.` about the user.
"""

from annotation.lazy_text import LazyText as _
from annotation.tasktypes.rating_scale import OneNumber
from annotation.tasktypes.scale import written

USER, THING = "user", "thing"  # keys of the content
OF_USER = "user."  # begins the names of columns that tell about the user
SCALE = tuple(written(half / 2) for half in range(1, 11))  # 0.5 to 5 in half steps, where a lead gives no labels


class Ratings(OneNumber):
    """A user, a thing, and how much the one likes the other."""

    name = "ratings"
    title: str = _("Ratings (recommendation)")
    widget = "ratings"
    required_content: tuple[str, ...] = (USER, THING)
    takes_columns = True
