"""A comparison on a page of text, or as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from api.comparing.findings import Agreement, Finding, Level
from api.comparing.pairing import Gathered
from api.comparing.shares import FEWEST
from api.web.dropin.perspective.attributes import REJECTION

_LINES: Final = 5
"""Of how many bad lines of a kind the numbers are printed."""

_HEAD: Final = (
    f"{'theirs':<6}{'they hold':>15} |{'we hold':>8}{'agree':>7}{'kappa':>6} |"
    f" {'ours':<8}{'95 % interval':<15}{'agree':>7}{'kappa':>6}{'change sides':>14}"
)
_ABOVE: Final = f"{'':<21} | {'ours at that number':<20} | ours for the share that they hold"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was read, with which model, and what is found of each attribute."""

    model: str
    gathered: Gathered
    findings: Sequence[Finding]
    examples: Mapping[tuple[str, float], Sequence[Mapping[str, Any]]]
    """By attribute and threshold of theirs, comments that change sides."""


def tell(compared: Comparison) -> str:
    """A comparison as lines of text."""
    lines = [*_tell_read(compared)]
    for finding in compared.findings:
        lines += ["", *_tell_finding(finding, compared)]
    return "\n".join(lines)


def show(compared: Comparison) -> dict[str, Any]:
    """A comparison as plain data."""
    read = compared.gathered
    return {
        "model": compared.model,
        "read": read.read,
        "compared": read.compared,
        "left_out": {
            "lines": {
                why: {"count": count, "first": read.faults[why]}
                for why, count in read.faulty.most_common()
            },
            "languages": dict(read.languages.most_common()),
        },
        "not_scored": dict(read.unscored.most_common()),
        "attributes": {one.attribute: _show(one, compared) for one in compared.findings},
    }


def _show(finding: Finding, compared: Comparison) -> dict[str, Any]:
    return {
        "label": finding.label,
        "compared": finding.compared,
        "spearman": finding.correlation,
        "thresholds": [
            {
                **asdict(level),
                "share": level.held / finding.compared,
                "examples": list(compared.examples.get((finding.attribute, level.theirs), ())),
            }
            for level in finding.levels
        ],
    }


def _tell_read(compared: Comparison) -> Iterator[str]:
    read = compared.gathered
    yield (
        f"{read.read:,} stored answers read, {read.compared:,} compared with the scores of"
        f" {compared.model}."
    )
    for why, count in read.faulty.most_common():
        yield f"Left out for {why}: {_number(count, 'line')} ({_list(read.faults[why], count)})."
    if read.languages:
        spoken = _count(read.languages.most_common())
        yield f"Left out, as Winnow judges abuse in English alone: {spoken}."
    if read.unscored:
        yield f"Not scored by Winnow: {_count(read.unscored.most_common())}."
    if REJECTION in read.unscored:
        yield f"{REJECTION} is learnt from the site's own decisions, so not compared here."


def _tell_finding(finding: Finding, compared: Comparison) -> Iterator[str]:
    ranked = "no rank correlation: one side's scores are all alike"
    if finding.correlation is not None:
        ranked = f"rank correlation {finding.correlation:.3f} (Spearman)"
    beside = f"{finding.attribute} beside our {finding.label}"
    yield f"{beside}: {_number(finding.compared, 'comment')}, {ranked}"
    yield ""
    yield _ABOVE
    yield _HEAD
    for level in finding.levels:
        yield _tell_level(level, finding.compared)
    for level in finding.levels:
        examples = compared.examples.get((finding.attribute, level.theirs), ())
        yield from _tell_examples(level, examples)


def _tell_level(level: Level, compared: int) -> str:
    held = f"{level.held:,} ({level.held / compared:.2%})"
    same = level.same
    row = f"{level.theirs:<6g}{held:>15} |{same.held:>8,}{_agreement(same)} |"
    if level.equal is None or level.then is None:
        few, what = min((level.held, "are held"), (compared - level.held, "are not held"))
        return f"{row} too few to say: {few} {what}, at least {FEWEST} are asked for"
    equal, then = level.equal, level.then
    interval = f"{equal.low:.3f} to {equal.high:.3f}"
    moved = f"+{then.newly:,} -{then.no_longer:,}"
    return f"{row} {equal.value:<8.4g}{interval:<15}{_agreement(then)}{moved:>14}"


def _agreement(found: Agreement) -> str:
    kappa = "-" if found.kappa is None else f"{round(found.kappa, 2) + 0:.2f}"
    return f"{found.agreed.value:>7.1%}{kappa:>6}"


def _tell_examples(level: Level, examples: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if examples:
        yield ""
        yield f"Change sides at {level.theirs:g}, the farthest apart first:"
    for one in examples:
        text = f"  {_plain(one['text'])}" if "text" in one else ""
        yield f"  line {one['line']}: ours {one['ours']:.3f}, theirs {one['theirs']:.3f}{text}"


def _plain(text: str) -> str:
    """One line of a text; its control characters must not reach a terminal."""
    line = "".join(letter if letter.isprintable() else " " for letter in " ".join(text.split()))
    return line if len(line) <= 70 else f"{line[:69]}…"


def _count(found: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in found)


def _list(lines: Sequence[int], count: int) -> str:
    shown = ", ".join(map(str, lines[:_LINES]))
    return f"{shown} and {count - _LINES:,} more" if count > _LINES else shown


def _number(count: int, name: str) -> str:
    return f"{count:,} {name}" if count == 1 else f"{count:,} {name}s"
