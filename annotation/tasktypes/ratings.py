"""A user, a product, and how much the one likes the other.

Content: {"user": "u7", "thing": "m31", "fields": {"title": "Alien", "user.age": "41"}}. The fields tell about the
product; those whose name begins with `user.` about the user. The key of the product is `thing`: stored items have it;
files have a column `product`, and older ones `thing`.
"""

from annotation.lazy_text import LazyText as _
from annotation.tasktypes.answers import Rating
from annotation.tasktypes.answers.number_scale import plain_text
from annotation.tasktypes.contents import FIELDS, ContentColumn, ContentKind, UploadExample
from annotation.tasktypes.task_type import TaskType

USER, PRODUCT = "user", "thing"  # keys of the content
USER_PREFIX = "user."  # begins the names of columns that tell about the user
USER_NAMES = ("user", "userid", "user_id", "customer", "customer_id", "reviewer", "reviewer_id", "用户")
PRODUCT_NAMES = (
    *(
        "product",
        "thing",
        "thing_id",
        "thingid",
        "movieid",
        "movie_id",
        "itemid",
        "item_id",
        "productid",
        "product_id",
        "asin",
    ),
    *("bookid", "book_id", "isbn", "artistid", "artist_id", "songid", "song_id", "movie", "book", "物品"),
)
RATING_NAMES = ("rating", "stars", "score", "preference")

USER_AND_PRODUCT = ContentKind(
    name="user_and_product",
    columns=(
        ContentColumn(USER, _("User"), USER_NAMES),
        ContentColumn(PRODUCT, _("Thing"), PRODUCT_NAMES, exported_as="product"),
    ),
    has_fields=True,
    archive="tables",
    answer_columns=RATING_NAMES,
    example=UploadExample(
        (
            (
                _("A ZIP archive with the ratings, and what is known of the things and the users:"),
                "ratings.csv: userId,movieId,rating\nmovies.csv:  movieId,title,genres\nusers.csv:   userId,age,job",
            ),
            (
                _("Or one table with all of it; a row without a rating is a pair to ask about:"),
                "user,thing,title,genres,rating\n"
                'u7,m31,"Casablanca",Drama|Romance,4.5\nu7,m44,"Alien",Horror|Science fiction,',
            ),
        ),
        _(
            "Where all pairs in an archive have a rating, each user is asked about the 20 most rated things that the "
            "user has not rated."
        ),
    ),
)

TASK_TYPE = TaskType(
    name="ratings",
    title=_("Ratings (recommendation)"),
    summary=_("Things get a rating on a scale, to learn what people like."),
    answer=Rating(),
    content=USER_AND_PRODUCT,
    widget="ratings",
    styles=("ratings",),
    example={
        USER: "anna",
        PRODUCT: _("The lighthouse"),
        FIELDS: {_("Year"): "1987", _("Genre"): _("Drama")},
    },
    built_in_labels=tuple(plain_text(half / 2) for half in range(1, 11)),  # 0.5 to 5 in half steps
)
