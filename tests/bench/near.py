"""Looking up nearly the same texts among up to a million, and what that adds to a submission."""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median, quantiles

from api.moderation import access, intake, knowledge
from api.moderation.access import Caller
from api.moderation.knowledge.query import Query
from api.moderation.policy import duplicates
from api.moderation.policy.document import Document, Duplicates
from api.moderation.policy.inforce import Policy
from api.moderation.policy.signatures import compare, spell
from api.moderation.policy.subject import Draft, Subject
from api.moderation.services import Services
from api.store import schema
from api.store.database import Database
from api.store.tables import Site
from tests import postgresql
from tests.bench.nearfilling import LARGE_TEXT, fill
from tests.bench.wording import Writer
from tests.factories import put_policy, words_scorer

ON = Policy(Document(duplicates=Duplicates("hold")))
CHANGED = 0.1
"""The share of words that is another in a copy; about one in ten copies is not alike any more."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What some look-ups took, in milliseconds, how many candidates they gave, how many hit."""

    p50: float
    p99: float
    checked: float
    """The median with the check itself, which compares the texts."""
    candidates: float
    recall: float
    """The share of texts that are alike to a stored one of which that was found."""


@dataclass(frozen=True, slots=True)
class Size:
    """What was measured with so many comments stored."""

    stored: int
    kinds: dict[str, Looked]
    added: float
    """Milliseconds that a submission takes longer at the median, with all that is kept."""


def main() -> None:
    """Fill each database in steps, measure at each, print and draw."""
    options = _options()
    found = {name: measure(name, options) for name in options.databases}
    if options.out:
        from tests.bench.graphs import draw_lookups

        options.out.write_bytes(draw_lookups(found))
        print(f"wrote {options.out}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--lookups", type=int, default=1000, help="look-ups of each kind")
    both = ["sqlite", "postgresql"] if postgresql.find_binaries() else ["sqlite"]
    parser.add_argument("--databases", nargs="+", choices=both, default=both)
    parser.add_argument("--out", type=Path, help="draw the figures into this SVG file")
    return parser.parse_args()


def measure(database: str, options: argparse.Namespace) -> list[Size]:
    """Look-ups in a database that grows from size to size, printed as they come."""
    found = []
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        url = f"sqlite:///{folder}/winnow.sqlite3"
        if database == "postgresql":
            url = stack.enter_context(postgresql.Server()).url
        services = Services(Database(url), words_scorer())
        stack.callback(services.database.dispose)
        schema.migrate(services.database)
        site_id = access.create_site(services, "bench")
        caller = Caller(site_id, "backend", "bench")
        intake.submit(services, caller, [Draft("The first of them.", {"id": "a-1"})])
        writer, texts, have = Writer(7), [], 0
        for want in options.sizes:
            print(f"\n{database}: filling with {want - have:,} comments …", flush=True)
            texts += fill(services, site_id, writer, have, want)
            have = want
            found.append(_measure(services, caller, writer, texts, have, options.lookups))
    return found


def _measure(
    services: Services, caller: Caller, writer: Writer, texts: Sequence[str], stored: int, most: int
) -> Size:
    some = [texts[n * len(texts) // most] for n in range(most)]
    kinds = {
        "new texts": _look_up(services, caller, [(one, "") for one in writer.write(most)]),
        "copies with words changed": _look_up(
            services, caller, [(writer.change(one, CHANGED), one) for one in some]
        ),
        "a text of a large campaign": _look_up(
            services, caller, [(LARGE_TEXT, LARGE_TEXT)] * (most // 5)
        ),
    }
    for name, one in kinds.items():
        recall = "" if one.recall != one.recall else f", {one.recall:.1%} of those alike found"
        print(
            f"{stored:>9,} stored, {name:<26} look-up p50 {one.p50:.2f} ms, p99 {one.p99:.2f} ms;"
            f" with the check p50 {one.checked:.2f} ms; {one.candidates:.1f} candidates{recall}"
        )
    added = _submit(services, caller, writer, most)
    print(f"{stored:>9,} stored, adds {added:.2f} ms to a submission at the median")
    return Size(stored, kinds, added)


def _look_up(services: Services, caller: Caller, pairs: Iterable[tuple[str, str]]) -> Looked:
    """Look up each first text; the second is the stored one it was made of."""
    looked, checked, candidates, hits = [], [], [], []
    with services.database.looking() as connection:
        for new, old in pairs:
            subject = Subject(Draft(new, {"id": "a-17"}), services.now())
            query = Query(connection, caller.site_id, ON, subject)
            began = time.perf_counter()
            subject.facts = knowledge.find(query)
            looked.append(1000 * (time.perf_counter() - began))
            duplicates.find(ON, subject)
            checked.append(1000 * (time.perf_counter() - began))
            candidates.append(len(subject.facts.near))
            if old and _is_alike(new, old):
                hits.append(any(one.text == old for one in subject.facts.near))
    recall = mean(hits) if hits else float("nan")
    cuts = quantiles(looked[len(looked) // 20 :], n=100)
    return Looked(cuts[49], cuts[98], median(checked), mean(candidates), recall)


def _is_alike(new: str, old: str) -> bool:
    return compare(spell(new), [old])[0] >= ON.document.duplicates.similarity


def _submit(services: Services, caller: Caller, writer: Writer, most: int) -> float:
    """How much longer a submission takes where duplicates are looked for than where not."""
    versions = {
        do: put_policy(services, caller.site_id, {"duplicates": {"do": do}})
        for do in ("off", "hold")
    }
    took: dict[str, list[float]] = {do: [] for do in versions}
    for one in writer.write(most):
        for do, version in versions.items():
            with services.database.writing() as session:
                session.get_one(Site, caller.site_id).policy = version
            took[do].append(_time(lambda one=one: _post(services, caller, one)))
    return median(took["hold"]) - median(took["off"])


def _post(services: Services, caller: Caller, one: str) -> None:
    intake.submit(services, caller, [Draft(one, {"id": "a-17"}, author={"id": "u-1"})])


def _time(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    main()
