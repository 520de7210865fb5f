"""Rates as operators write them, `60/minute` or `30/minute;500/hour`, and how long one waits."""

import math

from limits import RateLimitItem, parse_many

KEY, ADDRESS, AUTHOR = "key", "address", "author"
KINDS = (KEY, ADDRESS, AUTHOR)
"""Whose doings are counted: a key's, an address's that has no key, an author's."""

Rates = tuple[RateLimitItem, ...]
"""All of them hold at once; none is no limit."""

NONE = "none"
LONGEST = 31 * 86_400
"""No rate is over a longer time, in seconds."""


def read_rates(given: str) -> Rates:
    """The rates in a setting; `none` is no limit. Raises ValueError for what is no rate."""
    if given.strip().lower() == NONE:
        return ()
    found = tuple(parse_many(given.strip()))
    windows = [one.get_expiry() for one in found]
    if any(one.amount < 1 for one in found):
        raise ValueError("a rate of nothing at all would refuse everything")
    if max(windows) > LONGEST:
        raise ValueError("a rate is over 31 days at most")
    if len(set(windows)) < len(windows):
        raise ValueError("there are two rates over the same time")
    return found


def show_rates(kind: str, rates: Rates) -> str:
    """Rates as the header `RateLimit-Policy` has them: `"key-60";q=60000;w=60`."""
    windows = [(one.amount, one.get_expiry()) for one in rates]
    return ", ".join(f'"{kind}-{seconds}";q={amount};w={seconds}' for amount, seconds in windows)


def find_wait(rate: RateLimitItem, window: tuple[int, float, int, float]) -> int:
    """After how many whole seconds there is room for one more.

    `window` is what `limits` calls a sliding window: the count of the one before, the seconds
    in which that fades, the present count, and its own seconds, which are one window longer.
    The count is `previous * left / seconds + current`. (The library's own figure tells when the
    count next changes; whoever comes back then may well be refused again.)
    """
    previous, _, current, lasts = window
    seconds, free = rate.get_expiry(), rate.amount - current
    left = max(0.0, lasts - seconds)
    if free >= 1:
        fits = seconds * free / previous if previous else seconds
        wait = max(0.0, left - fits)
    else:
        wait = left + seconds - seconds * rate.amount / current
    return math.floor(wait) + 1
