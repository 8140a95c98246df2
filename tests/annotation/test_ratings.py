"""Ratings: a scale of numbers, and tables that belong together in one archive."""

import io
import zipfile
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotation.errors import ImportRefused, InvalidRequest, InvalidValue
from annotation.exports.export_table import Filters, Table
from annotation.formats import inspect_file, read_budget, read_rows, readers
from annotation.imports import importing
from annotation.models import Annotation, Import, Project, User
from annotation.projects import projects
from annotation.tasktypes import TASK_TYPES, AnswerContext, label_names_in

SCALE = TASK_TYPES["ratings"].built_in_labels
RATINGS = "userId,movieId,rating,timestamp\n" + "".join(
    f"u{u},m{m},{1 + (u + m) % 5},9\n" for u in range(4) for m in range(6) if (u + m) % 3
)
MOVIES = "movieId,title,genres\n" + "".join(f'm{m},"Film, no. {m}",Drama|War\n' for m in range(6))
USERS = "userId,job\nu0,nurse\nu1,cook\n"


def packed(**tables: str | bytes) -> io.BytesIO:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in tables.items():
            archive.writestr(f"ml/{name}.csv", text)
    stream.seek(0)
    return stream


# The scale


def test_a_scale_has_numbers_only(lead: User) -> None:
    made = projects.create_project(lead, "Films", "ratings", [])
    assert tuple(made.label_names()) == SCALE
    assert [label.key for label in made.labels.all()] == [*"1234567890"]
    liked = projects.create_project(lead, "Likes", "ratings", [{"name": "0"}, {"name": "1", "description": "Like"}])
    assert liked.label_names() == ["0", "1"]
    for wrong in ("good", "4.0", "nan", "1e99", "-0"):
        with pytest.raises(InvalidRequest):
            projects.create_project(lead, "Films", "ratings", [{"name": wrong}, {"name": "1"}])


def test_a_number_of_the_scale_cannot_be_lost(lead: User) -> None:
    assert set(label_names_in({"rating": 4.0})) == {"4"}


@pytest.mark.parametrize("number", [True, "4", None, float("nan"), float("inf"), 10**400, -(10**400), 4.1, [4]])
def test_what_is_no_number_of_the_scale_is_refused(number: object) -> None:
    with pytest.raises(InvalidValue) as caught:
        TASK_TYPES["ratings"].answer.clean({"rating": number}, AnswerContext(SCALE))
    assert caught.value.details["part"] == "value.rating"


def test_numbers_are_as_far_apart_as_they_are() -> None:
    answers = TASK_TYPES["ratings"].answer
    assert answers.distance({"rating": 4.0}, {"rating": 4.5}) < answers.distance({"rating": 4.0}, {"rating": 1.0}) < 1
    assert answers.from_cell(" 4.50 ", AnswerContext(SCALE)) == {"rating": 4.5}


# Tables that belong together


@pytest.fixture
def project(lead: User) -> Project:
    return projects.create_project(lead, "Films", "ratings", [])


def bring(project: Project, lead: User, stream: io.BytesIO) -> Import:
    run = importing.create_import(project, lead, SimpleUploadedFile("films.zip", stream.read()))
    importing.start_draft(run)
    importing.run_import(run.pk)
    run.refresh_from_db()
    return run


def test_tables_are_joined_and_ratings_are_answers(project: Project, lead: User) -> None:
    run = bring(project, lead, packed(ratings=RATINGS, movies=MOVIES, users=USERS))
    assert (run.status, run.rows_rejected, run.error) == ("done", 0, "")
    first = project.items.get(position=0)
    assert first.content == {
        "user": "u0",
        "thing": "m1",
        "fields": {"title": "Film, no. 1", "genres": "Drama|War", "user.job": "nurse"},
    }
    assert first.meta == {"timestamp": "9"}
    assert Annotation.objects.answers().get(item=first).value == {"rating": 2.0}
    given = RATINGS.count("\n") - 1
    assert Annotation.objects.answers().count() == given
    # every pair that nobody rated is one to ask about: there are fewer than the limit
    assert run.rows_added == project.items.count() == 24
    assert project.items.filter(answers=0).count() == 24 - given


def test_pairs_without_a_rating_are_what_is_asked_about(project: Project, lead: User) -> None:
    run = bring(project, lead, packed(ratings=RATINGS + "u0,m0,,9\n", movies=MOVIES))
    assert run.rows_added == RATINGS.count("\n")
    assert [item.content["thing"] for item in project.items.filter(answers=0)] == ["m0"]


def test_a_rating_off_the_scale_is_a_reject(project: Project, lead: User) -> None:
    run = bring(project, lead, packed(ratings=RATINGS + "u0,m0,7,9\nu0,m3,great,9\n", movies=MOVIES))
    assert run.rows_rejected == 2
    assert run.rows_read >= RATINGS.count("\n") + 1
    assert set(project.label_names()) == set(SCALE)


def test_one_table_with_all_of_it(project: Project, lead: User) -> None:
    table = b"user,thing,title,rating\nu1,m1,Alien,4\nu1,m2,,\n"
    run = importing.create_import(project, lead, SimpleUploadedFile("films.csv", table))
    assert {key: run.mapping[key] for key in ("user", "thing", "label")} == {
        "user": "user",
        "thing": "thing",
        "label": "rating",
    }
    importing.start_draft(run)
    importing.run_import(run.pk)
    assert [item.content["fields"] for item in project.items.order_by("position")] == [
        {"title": "Alien"},
        {"title": ""},
    ]


def test_tables_of_other_names_and_packings_are_found() -> None:
    found = inspect_file(packed(votes="user_id;product_id;stars\na;1;5\n", products="id,name\n1,Lamp\n"))
    assert found.mapping["label"] == "stars"
    assert found.mapping["fields"] == ["name"]
    assert found.rows == [{"user_id": "a", "product_id": "1", "stars": "5", "name": "Lamp"}]


def test_of_tables_with_both_the_ratings_are_chosen() -> None:
    found = inspect_file(packed(tags="userId,movieId,tag\n" + "u0,m1,good\n" * 99, ratings=RATINGS, movies=MOVIES))
    assert found.options.columns == ["userId", "movieId", "rating", "timestamp", "title", "genres"]


@pytest.mark.parametrize(
    "tables",
    [
        {"movies": MOVIES},
        {"ratings": "userId,movieId,rating\n"},
        {"ratings": b"\x00\x01\x02" * 50},
        {"ratings": RATINGS, "movies": b"\xff\xfe\x00\x00" * 9},
    ],
)
def test_archives_without_ratings_are_refused(tables: dict[str, str | bytes]) -> None:
    with pytest.raises(ImportRefused):
        inspect_file(packed(**tables))


def test_paths_that_lead_out_and_damaged_tables_are_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("../../ratings.csv", RATINGS)
    with pytest.raises(ImportRefused, match="leads out"):
        inspect_file(stream)
    broken = bytearray(packed(ratings=RATINGS * 50, movies=MOVIES).getvalue())
    broken[60:90] = b"\0" * 30
    with pytest.raises(ImportRefused):
        list(read_rows(io.BytesIO(bytes(broken)), inspect_file(io.BytesIO(bytes(broken))).options))


def test_a_table_too_large_to_join_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "RUN_LIMITS", replace(read_budget.RUN_LIMITS, table_bytes=50))
    options = inspect_file(packed(ratings=RATINGS, movies=MOVIES)).options
    with pytest.raises(ImportRefused, match="too large to be held in memory"):
        read_rows(packed(ratings=RATINGS, movies=MOVIES), options)


def test_other_projects_take_no_tables_in_an_archive(lead: User) -> None:
    other = projects.create_project(lead, "Texts", "text_classification", [{"name": "a"}, {"name": "b"}])
    with pytest.raises(ImportRefused):
        importing.create_import(other, lead, SimpleUploadedFile("films.zip", packed(ratings=RATINGS).read()))


def test_an_export_names_the_user_and_the_product_beside_what_is_known_of_them(lead: User, project: Project) -> None:
    table = b"user,thing,title,user.age,rating\nu1,m1,Alien,41,4\n"
    run = importing.create_import(project, lead, SimpleUploadedFile("films.csv", table))
    importing.start_draft(run)
    importing.run_import(run.pk)
    exported = Table(project, Filters())
    [row] = exported.read_records(exported.read_columns())
    known = {"user": "u1", "product": "m1", "title": "Alien", "user.age": "41", "label": "4"}
    assert {name: row.get(name) for name in known} == known
