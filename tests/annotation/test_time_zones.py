"""Times in the reader's own zone: which one counts, when a day begins, which hours there were."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotation.models import Annotation, Item, Outcome, Project, User
from annotation.time_zones import find_time_zone, hour_starts_until, start_of_day, time_zone_names
from annotation.views.annotate import labelling_progress_of
from learner.reports import annotator_activity

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

Freeze = Callable[[str], datetime]


@pytest.fixture
def freeze(monkeypatch: pytest.MonkeyPatch) -> Freeze:
    """Return a function that stops the clock at a moment."""

    def stop(moment: str) -> datetime:
        now = datetime.fromisoformat(moment)
        monkeypatch.setattr(timezone, "now", lambda: now)
        return now

    return stop


@pytest.fixture(autouse=True)
def _zone() -> Iterator[None]:
    yield
    timezone.deactivate()


def answer(project: Project, user: User, item: Item, at: datetime) -> None:
    Annotation.objects.create(
        project=project, user=user, item=item, outcome=Outcome.LABEL, value={"labels": ["ham"]}, created_at=at
    )


# Which zone


def zone_of(page: Any) -> str:
    found = re.search(r'data-time-zone="([^"]*)"', page.content.decode())
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("setting", "cookie", "zone"),
    [
        ("", "", "UTC"),
        ("", "Asia/Shanghai", "Asia/Shanghai"),
        ("America/New_York", "Asia/Shanghai", "America/New_York"),
        ("", "../../etc/passwd", "UTC"),
        ("", "Mars/Olympus_Mons", "UTC"),
    ],
)
def test_the_setting_comes_before_the_browser(client_of, annotator, setting, cookie, zone) -> None:
    User.objects.filter(pk=annotator.pk).update(time_zone=setting)
    client: Client = client_of(annotator)
    client.cookies["time_zone"] = cookie
    assert zone_of(client.get(reverse("account-index"))) == zone
    assert timezone.get_current_timezone_name() == "UTC"  # the next request begins anew


def test_a_zone_is_chosen_over_the_api(client_of, annotator) -> None:
    client = client_of(annotator)
    url = reverse("api-me")
    told = client.patch(url, {"time_zone": "Asia/Kolkata"}, content_type="application/json")
    assert told.json()["time_zone"] == client.get(url).json()["time_zone"] == "Asia/Kolkata"
    assert "<option selected>Asia/Kolkata</option>" in client.get(reverse("account-index")).content.decode()
    wrong = client.patch(url, {"time_zone": "Mars/Olympus_Mons"}, content_type="application/json")
    assert wrong.status_code == 400
    assert wrong.json()["error"]["details"] == {"field": "time_zone"}
    assert client.patch(url, {"time_zone": ""}, content_type="application/json").json()["time_zone"] == ""


def test_zones_to_choose_from_are_places() -> None:
    assert time_zone_names()[0] == "UTC"
    assert {"Europe/Berlin", "Asia/Shanghai", "America/Argentina/Buenos_Aires"} <= set(time_zone_names())
    assert not [name for name in time_zone_names() if name.startswith("Etc/")]
    assert find_time_zone("") is None


def test_times_of_pages_have_their_zone(client_of, annotator, project, make_items) -> None:
    [item] = make_items(project, 1)
    Item.objects.filter(pk=item.pk).update(created_at=datetime(2026, 1, 2, 23, 30, tzinfo=UTC))
    client: Client = client_of(annotator)
    client.cookies["time_zone"] = "Europe/Berlin"
    page = client.get(reverse("items-show", args=[project.pk, item.pk])).content.decode()
    assert "Jan. 3, 2026, 12:30 a.m. CET" in page


# The day


@pytest.mark.parametrize(
    ("zone", "today"), [("UTC", 3), ("Asia/Shanghai", 1), ("America/New_York", 2), ("Pacific/Honolulu", 2)]
)
def test_answers_of_today_are_those_of_the_persons_day(freeze, project, annotator, make_items, zone, today) -> None:
    now = freeze("2026-07-01T20:00:00+00:00")
    for item, hours in zip(make_items(project, 4), (3, 9, 17, 48), strict=True):
        answer(project, annotator, item, now - timedelta(hours=hours))
    with timezone.override(zone):
        assert labelling_progress_of(project, annotator)["today"] == today


@pytest.mark.parametrize(
    ("now", "hours"),
    [("2026-03-29T21:59:59+00:00", 22), ("2026-10-25T22:59:59+00:00", 24), ("2026-07-01T21:59:59+00:00", 23)],
)
def test_a_day_begins_at_its_own_midnight_when_the_clocks_are_changed(freeze, now, hours) -> None:
    moment = freeze(now)
    with timezone.override("Europe/Berlin"):
        begun = start_of_day()
        assert (begun.hour, begun.minute) == (0, 0)
        assert (moment - begun.astimezone(UTC)) // timedelta(hours=1) == hours


# The hours


@pytest.mark.parametrize("now", ["2026-03-29T04:20:00+00:00", "2026-10-25T04:20:00+00:00"])
@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns"])
def test_no_hour_is_lost_or_merged(freeze, project, annotator, make_items, now, zone) -> None:
    moment = freeze(now)
    for item, ago in zip(make_items(project, 20), range(20), strict=True):
        answer(project, annotator, item, moment - timedelta(hours=ago))
    with timezone.override(zone):
        told = annotator_activity.throughput_report(project)
        local = [hour.astimezone(ZoneInfo(zone)) for hour in told["hours"]]
    assert {after - before for before, after in zip(told["hours"], told["hours"][1:], strict=False)} == {
        timedelta(hours=1)
    }
    assert {hour.minute for hour in local} == {0}
    assert told["by_person"][0]["counts"] == [0] * 4 + [1] * 20


def test_an_hour_that_comes_twice_is_there_twice(freeze) -> None:
    now = freeze("2026-10-25T04:20:00+00:00")
    with timezone.override("Europe/Berlin"):
        local = [hour.astimezone(ZoneInfo("Europe/Berlin")) for hour in hour_starts_until(now, 6)]
    assert [f"{hour:%H %Z}" for hour in local] == ["01 CEST", "02 CEST", "02 CET", "03 CET", "04 CET", "05 CET"]
