"""What disguises hide from the model: recall of plain and disguised twins, trick by trick.

`python -m tests.bench.disguises` runs the cases of `tests/classifier/cases`, known failures
included, at the shipped thresholds.
"""

from rich.console import Console
from rich.table import Table

from classifier import load
from tests.classifier.test_cases import DISGUISED, HARMLESS, IN_DISGUISE, touched


def main() -> None:
    """Print recall for each trick, and what of the harmless texts is held."""
    model = load()
    plain = touched(model, [case["plain"] for case in DISGUISED])
    hidden = touched(model, [case["disguised"] for case in DISGUISED])
    tricks: dict[str, list[int]] = {}
    for case, before, after in zip(DISGUISED, plain, hidden, strict=True):
        one = tricks.setdefault(case["trick"], [0, 0, 0])
        for place, hit in enumerate((True, before, after)):
            one[place] += hit
    table = Table("trick", "cases", "plain", "disguised", "lost, points")
    lost = {name: 100 * (one[1] - one[2]) / one[0] for name, one in tricks.items()}
    for name in sorted(tricks, key=lambda name: (-lost[name], name)):
        cases, before, after = tricks[name]
        table.add_row(name, f"{cases}", f"{before}", f"{after}", f"{lost[name]:.0f}")
    console = Console(width=100)
    console.print(table)
    over = [name for name in tricks if lost[name] > 5]
    console.print(
        f"{len(DISGUISED)} cases of {len(tricks)} tricks: {sum(plain)} caught plain,"
        f" {sum(hidden)} disguised; tricks that lose more than 5 points: {len(over)}.",
        highlight=False,
    )
    for name, cases, field in (
        ("harmless look-alikes", HARMLESS, "text"),
        ("harmless texts in disguise", IN_DISGUISE, "disguised"),
    ):
        held = touched(model, [case[field] for case in cases])
        console.print(f"{name}: {sum(held)} of {len(cases)} held or rejected.", highlight=False)


if __name__ == "__main__":
    main()
