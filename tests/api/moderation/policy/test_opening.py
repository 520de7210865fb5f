"""Opening hours by the clock of a place: midnight, the turn of the week, and summer time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.moderation.policy.document import Hours
from api.moderation.policy.opening import is_open, tell

BERLIN = "Europe/Berlin"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def at(text: str, zone: str = BERLIN, fold: int = 0) -> datetime:
    """A moment by the clock of a place, in UTC."""
    local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return local.astimezone(UTC)


@pytest.mark.parametrize(
    ("spans", "moment", "expected"),
    [
        # 2026-11-23 is a Monday.
        (["mon-fri 08:00-22:00"], "2026-11-23T08:00", True),
        (["mon-fri 08:00-22:00"], "2026-11-23T07:59:59", False),
        (["mon-fri 08:00-22:00"], "2026-11-23T21:59:59", True),
        (["mon-fri 08:00-22:00"], "2026-11-23T22:00", False),
        (["mon-fri 08:00-22:00"], "2026-11-28T12:00", False),
        (["sat,sun 10:00-24:00"], "2026-11-28T23:59:59", True),
        (["sat,sun 10:00-24:00"], "2026-11-29T00:00", False),
        (["sat 10:00-24:00", "sun 00:00-02:00"], "2026-11-29T01:59", True),
        # Past midnight it belongs to the day on which it began, also from Sunday to Monday.
        (["fri 22:00-02:00"], "2026-11-27T23:00", True),
        (["fri 22:00-02:00"], "2026-11-28T01:59", True),
        (["fri 22:00-02:00"], "2026-11-28T02:00", False),
        (["fri 22:00-02:00"], "2026-11-27T01:00", False),
        (["sun 22:00-02:00"], "2026-11-23T01:00", True),
        (["fri-mon 09:00-10:00"], "2026-11-29T09:30", True),
        (["fri-mon 09:00-10:00"], "2026-11-24T09:30", False),
        (["mon-tue,thu 09:00-10:00"], "2026-11-25T09:30", False),
        (["mon-tue,thu 09:00-10:00"], "2026-11-26T09:30", True),
        # The same time twice is a day round the clock.
        (["mon 08:00-08:00"], "2026-11-24T07:59", True),
        (["mon 08:00-08:00"], "2026-11-24T08:00", False),
        (["mon-sun 00:00-24:00"], "2026-11-24T03:14", True),
    ],
)
def test_a_span_is_open_from_its_first_minute_to_before_its_last(
    spans: list[str], moment: str, expected: bool
) -> None:
    assert is_open(Hours(BERLIN, tuple(spans)), at(moment)) is expected


def test_the_zone_decides_what_day_it_is() -> None:
    moment = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)

    assert is_open(Hours("Asia/Tokyo", ("mon 08:00-09:00",)), moment)
    assert is_open(Hours("America/New_York", ("sun 18:00-19:00",)), moment)
    assert not is_open(Hours("UTC", ("mon 00:00-24:00",)), moment)


def test_clocks_are_believed_when_they_are_put_forward_and_back() -> None:
    spring = Hours(BERLIN, ("sun 01:00-02:30",))
    # On 2026-03-29 it is 03:00 right after 01:59:59: what is left of the span is an hour.
    assert [
        is_open(spring, at("2026-03-29T01:30") + timedelta(minutes=m)) for m in (0, 29, 30)
    ] == [
        True,
        True,
        False,
    ]
    # On 2026-10-25 02:00 to 03:00 comes twice, and both are open.
    autumn = Hours(BERLIN, ("sun 02:00-02:30",))
    assert is_open(autumn, at("2026-10-25T02:15", fold=0))
    assert is_open(autumn, at("2026-10-25T02:15", fold=1))
    assert not is_open(autumn, at("2026-10-25T02:45", fold=0))
    assert at("2026-10-25T02:15", fold=1) - at("2026-10-25T02:15", fold=0) == timedelta(hours=1)


def test_opening_stays_at_the_same_time_of_the_clock_all_year() -> None:
    hours = Hours(BERLIN, ("mon-sun 08:00-22:00",))

    assert is_open(hours, datetime(2026, 1, 15, 7, 0, tzinfo=UTC))
    assert not is_open(hours, datetime(2026, 1, 15, 6, 59, tzinfo=UTC))
    assert is_open(hours, datetime(2026, 7, 15, 6, 0, tzinfo=UTC))


NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
minutes = st.integers(0, 24 * 60 - 1)


@given(
    days=st.sets(st.sampled_from(DAYS), min_size=1),
    start=minutes,
    end=st.integers(0, 24 * 60),
    moment=st.integers(0, 365 * 24 * 60).map(lambda n: NEW_YEAR + timedelta(minutes=n)),
    zone=st.sampled_from([BERLIN, "America/New_York", "Asia/Kathmandu", "Pacific/Auckland"]),
)
def test_it_is_as_counting_minutes_of_the_clock_has_it(
    days: set[str], start: int, end: int, moment: datetime, zone: str
) -> None:
    span = f"{','.join(sorted(days))} {_clock(start)}-{_clock(end)}"
    local = moment.astimezone(ZoneInfo(zone))
    today, yesterday = DAYS[local.weekday()], DAYS[local.weekday() - 1]
    minute = local.hour * 60 + local.minute

    if start < end:
        expected = today in days and start <= minute < end
    else:
        expected = (today in days and start <= minute) or (yesterday in days and minute < end)
    assert is_open(Hours(zone, (span,)), moment) is expected


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def test_long_lists_are_told_in_short() -> None:
    assert tell(Hours(BERLIN, ("mon 08:00-22:00",))) == "mon 08:00-22:00 (Europe/Berlin)"
    many = tuple(f"{day} 08:00-09:00" for day in DAYS)
    assert tell(Hours("UTC", many)).endswith("wed 08:00-09:00, … (UTC)")
