"""Connections and transactions as they are promised."""

import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, StatementError

from api.store.database import Database
from api.store.tables import Site
from tests.conftest import ON_POSTGRESQL, ON_SQLITE
from tests.factories import START


def add(database: Database, name: str, at: datetime = START) -> None:
    with database.writing() as session:
        session.add(Site(name=name, created_at=at))


def names(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(Site.name).order_by(Site.name)))


@ON_SQLITE
@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 5000)],
)
def test_sqlite_survives_a_power_cut_and_checks_what_it_keeps(
    database: Database, pragma: str, value: str | int
) -> None:
    with database.reading() as session:
        assert session.scalar(text(f"PRAGMA {pragma}")) == value
    with database.writing() as session:
        assert session.scalar(text(f"PRAGMA {pragma}")) == value


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.postgresql
def test_postgresql_waits_for_nothing_for_ever(database: Database) -> None:
    with database.reading() as session:
        assert session.scalar(text("SHOW lock_timeout")) == "5s"
        assert session.scalar(text("SHOW statement_timeout")) == "15s"
        assert session.scalar(text("SHOW idle_in_transaction_session_timeout")) == "15s"
        driver = session.connection().connection.driver_connection
        assert driver is not None
        assert driver.info.get_parameters()["tcp_user_timeout"] == "15000"


def test_writing_keeps_what_was_done_when_the_block_ends(database: Database) -> None:
    add(database, "one")

    assert names(database) == ["one"]


def test_writing_keeps_nothing_when_the_block_raises(database: Database) -> None:
    def fail() -> None:
        with database.writing() as session:
            session.add(Site(name="one", created_at=START))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert names(database) == []
    add(database, "two")
    assert names(database) == ["two"]


def test_reading_throws_away_what_was_changed(database: Database) -> None:
    with database.reading() as session:
        session.add(Site(name="one", created_at=START))
        session.flush()

    assert names(database) == []


@ON_POSTGRESQL
def test_what_is_asked_again_and_again_is_prepared(database: Database) -> None:
    asked = "SELECT count(*) FROM sites WHERE name = %(name)s"
    for _ in range(8):
        with database.looking() as connection:
            connection.exec_driver_sql(asked, {"name": "one"}).all()
    with database.looking() as connection:
        found = connection.exec_driver_sql("SELECT statement FROM pg_prepared_statements").all()
    assert any("FROM sites" in statement for (statement,) in found)


def test_a_broken_rule_rolls_back_the_whole_block(database: Database) -> None:
    def add_twice() -> None:
        with database.writing() as session:
            for _ in range(2):
                session.add(Site(name="one", created_at=START))
                session.flush()

    with pytest.raises(IntegrityError):
        add_twice()

    assert names(database) == []


def test_a_reader_sees_one_moment_or_the_next_but_no_half(database: Database) -> None:
    with database.writing() as session:
        session.add(Site(name="one", created_at=START))
        session.flush()
        assert names(database) == []

    assert names(database) == ["one"]


@pytest.mark.parametrize(
    "at",
    [
        START,
        datetime(2026, 1, 1, 1, 0, tzinfo=timezone(timedelta(hours=5, minutes=30))),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ],
)
def test_times_come_back_aware_and_in_utc(database: Database, at: datetime) -> None:
    add(database, "one", at)

    with database.reading() as session:
        found = session.scalars(select(Site.created_at)).one()

    assert found == at
    assert found.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError):
        add(database, "one", datetime(2026, 1, 1))  # noqa: DTZ001

    assert names(database) == []


def test_work_that_threads_do_together_is_done_once_each(database: Database) -> None:
    def work(number: int) -> None:
        def insert(connection: object) -> None:
            connection.execute(  # type: ignore[attr-defined]
                Site.__table__.insert().values(name=f"{number:03}", created_at=START)  # type: ignore[attr-defined]
            )

        database.write(insert)

    threads = [threading.Thread(target=work, args=[number]) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert names(database) == [f"{number:03}" for number in range(40)]


def test_work_that_fails_takes_no_other_with_it(database: Database) -> None:
    add(database, "taken")
    failed: list[str] = []
    start = threading.Barrier(20)

    def work(name: str) -> None:
        start.wait()
        try:
            database.write(
                lambda connection: connection.execute(
                    Site.__table__.insert().values(name=name, created_at=START)  # type: ignore[attr-defined]
                )
            )
        except IntegrityError:
            failed.append(name)

    wanted = [f"{number:02}" if number % 4 else "taken" for number in range(20)]
    threads = [threading.Thread(target=work, args=[name]) for name in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == ["taken"] * 5
    assert names(database) == sorted({*wanted})


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati"])
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.postgresql
def test_the_time_zone_of_the_server_makes_no_difference(database: Database, zone: str) -> None:
    ends = [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC)]
    name = database.engine.url.database
    for number, at in enumerate(ends):
        add(database, str(number), at)
    with database.engine.begin() as connection:
        connection.execute(text(f"ALTER DATABASE \"{name}\" SET timezone TO '{zone}'"))
    database.dispose()

    try:
        with database.reading() as session:
            found = list(session.scalars(select(Site.created_at).order_by(Site.name)))
    finally:
        with database.engine.begin() as connection:
            connection.execute(text(f'ALTER DATABASE "{name}" RESET timezone'))
        database.dispose()

    assert found == ends


def test_who_gives_up_in_a_look_up_leaves_its_connection_as_it_was(database: Database) -> None:
    with suppress(LookupError), database.looking() as connection:
        before = connection.connection.driver_connection
        raise LookupError

    with database.writing() as session:
        again = session.connection().connection.driver_connection
        session.add(Site(name="kept", created_at=START))
        session.flush()
        session.rollback()
    with database.reading() as session:
        assert session.scalars(select(Site)).all() == []
    if database.dialect.name == "postgresql":
        assert again is before
