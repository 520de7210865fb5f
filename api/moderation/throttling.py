"""Slows down who guesses passwords: for each account and from each address, over all processes.

A try is counted before the password is looked at and taken back when it was right, so that a
hundred tries at once are no more guesses than one after the other. Accounts that do not exist are
counted as those that do. Only keyed digests are kept: no address can be read from the table.
"""

import hmac
import ipaddress
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from api.moderation.derivation import derive
from api.moderation.errors import TooOftenError
from api.moderation.services import Services
from api.store.tables import FailedSignIn

_ROW = FailedSignIn

FREE = 10
"""How many failures cost nothing."""

FIRST_WAIT = timedelta(seconds=30)
"""How long the next try must wait after that many; each further failure doubles it."""

LONGEST_WAIT = timedelta(minutes=15)

REMEMBERED = timedelta(days=1)
"""How long after the last failure all of them are forgotten."""


class ThrottledError(TooOftenError):
    """There were too many failures; carries how long to wait."""

    def __init__(self, wait: timedelta, until: datetime) -> None:
        minutes, seconds = divmod(math.ceil(wait.total_seconds()), 60)
        how_long = f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
        when = f"in {how_long}, at {until:%H:%M:%S} UTC"
        super().__init__(wait, f"Too many tries have failed. The next can be made {when}.")


@dataclass(frozen=True, slots=True)
class _Count:
    """How often one account or address has failed, before a try and with it."""

    who: str
    failures: int
    last_at: datetime

    def add(self, now: datetime) -> int:
        """How many failures there are with another one."""
        return 1 if self.last_at <= now - REMEMBERED else self.failures + 1

    def find_end(self, now: datetime) -> datetime:
        """Until when there is no next try."""
        wait = find_wait(self.failures)
        until = self.last_at + wait
        # A clock that was set back makes nobody wait longer.
        return until if until - now <= wait else now


class Attempt:
    """One try, counted as failed until it is said to have been right."""

    def __init__(self, services: Services, account: str, address: str | None) -> None:
        """For an account, by any name that is always the same, from an address where one is known.

        Raises ThrottledError when it is too early; such a try is not counted.
        """
        key = derive(services.secret_key, "failed sign-ins")
        self._services, self._at = services, services.now()
        self._account = _name(key, f"account {account}")
        address = address and _name(key, f"address {widen(address)}")
        # In one order for all, so that no two transactions wait for each other.
        self._all = sorted(filter(None, (self._account, address)))
        self._before = services.database.write(self._count)
        until = max(one.find_end(self._at) for one in self._before)
        if until > self._at:
            raise ThrottledError(until - self._at, until)

    @property
    def is_last_free(self) -> bool:
        """Whether the account's tries are slowed from now on, should this one be wrong.

        It is so of one try until the account's failures are forgotten.
        """
        [account] = [one for one in self._before if one.who == self._account]
        return account.add(self._at) == FREE

    def touch(self, session: Session) -> None:
        """Write the account's row as it is, in the session's transaction."""
        own = update(_ROW).where(_ROW.who == self._account)
        session.execute(own.values(last_at=_ROW.last_at))

    def succeed(self) -> None:
        """Forget the account's failures, and of the address's this one alone.

        Who has an account could otherwise guess at others' for ever between two of their own.
        """
        self._services.database.write(self._take_back)

    def _count(self, connection: Connection) -> list[_Count]:
        """Count a failure of each, unless one has to wait; how it was before."""
        before = _load(connection, self._all, self._at)
        if any(one.find_end(self._at) > self._at for one in before):
            return before
        for one in before:
            values = {"failures": one.add(self._at), "last_at": self._at}
            connection.execute(update(_ROW).where(_ROW.who == one.who).values(values))
        return before

    def _take_back(self, connection: Connection) -> None:
        connection.execute(delete(_ROW).where(_ROW.who == self._account))
        for one in self._before:
            less = update(_ROW).where(_ROW.who == one.who, _ROW.failures > 0)
            less = less.values(failures=_ROW.failures - 1)
            alone = less.where(_ROW.last_at == self._at).values(last_at=one.last_at)
            # Where others have failed from there since, theirs was the last time.
            if not connection.execute(alone).rowcount:
                connection.execute(less)


def widen(address: str) -> str:
    """An address, or the /64 that a household of IPv6 has for itself."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    mapped = getattr(found, "ipv4_mapped", None)
    if found.version == 6 and mapped is None:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(mapped or found)


def find_wait(failures: int) -> timedelta:
    """How long after so many failures nobody may try again.

    >>> find_wait(9), find_wait(10), find_wait(12)
    (datetime.timedelta(0), datetime.timedelta(seconds=30), datetime.timedelta(seconds=120))
    """
    if failures < FREE:
        return timedelta()
    # Doubled no further than it counts: any number may be in the table.
    doubled: int = 2 ** min(failures - FREE, 10)
    return min(FIRST_WAIT * doubled, LONGEST_WAIT)


def _name(key: bytes, words: str) -> str:
    return hmac.new(key, words.encode("utf-8", "surrogatepass"), "sha256").hexdigest()


def _load(connection: Connection, everybody: Sequence[str], now: datetime) -> list[_Count]:
    """The rows of all of them, made where there are none, and locked until the end."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    rows = [{"who": who, "failures": 0, "last_at": now} for who in everybody]
    asked = dialect.insert(_ROW).values(rows)
    # An update that changes nothing, because one is what locks a row and gives it back.
    locked = asked.on_conflict_do_update(index_elements=["who"], set_={"who": asked.excluded.who})
    found = connection.execute(locked.returning(_ROW.who, _ROW.failures, _ROW.last_at))
    return [_Count(*row) for row in found]
