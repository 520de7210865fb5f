"""The card of a second stage, written from its manifest so that its figures cannot drift."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from classifier.card import write_groups
from classifier.cardplots import draw_card
from classifier.cardtables import between, table
from classifier.cardthresholds import write_profiles, write_thresholds
from classifier.labels import LABELS

_INTRODUCTION: Final = """\
# Card of the second stage: {version}

Written by `python -m classifier fit-cascade --card`; do not edit by hand.

## What it is

A transformer of {layers} layers that reads an English comment and gives seven log-odds, one a
label. It was fine-tuned from {base} ({licence}), its weights made into whole numbers of seven
bits, and {pieces:,} word pieces kept. The file is {size:.1f} MB: an ONNX graph, a tokenizer and a
manifest; its digest is `{digest}`. onnxruntime runs it, on the CPU.

It is not used alone. The linear model `{model}` ([its card](model-card.md)) scores every comment;
where that is in doubt, this one reads it, and both log-odds are weighed into one score, a
calibrated probability in [0, 1]. Spam is left to the linear model. All figures below are of both
together unless they say otherwise.

**Meant for** telling apart what has the same words: hate and counter-speech, a threat and a
figure of speech, contempt for people and for a dish. **Not meant for** any language but English,
for judging people, or for rejecting without a human who has the last word.

## Data

It learnt what each set's annotators were asked, and nothing where they were not. Rows of a
development set, and one in ten of most sets, were kept out. Of the sets about one kind of abuse
so many rows were taken as the table says; [the syllabus](../classifier/syllabus.py) says what
counts how much. `winnow_contrasts` are texts written for this project in pairs that few words
tell apart, `winnow_templates` sentences about groups of people; both are ours (Apache-2.0). Words
were disguised in {evaded:.0%} of what it read. {runs}.
"""

_RANKING: Final = """\
## How well it ranks

Area under the ROC curve on the development sets, none of them trained on: the linear model alone,
both as shipped (the second stage asked where the first is in doubt), and both always, with 95 %
bootstrap intervals. *Asked* is the share of the set that was in doubt. In `civil_comments_trial`
even the 0s were called toxic by someone.
"""

_LIMITS: Final = """\
## Known failures and limits

- **Development figures flatter.** Bands and thresholds were chosen on the sets they are reported
  on.
- **Only what is in doubt is read.** Hate in words that the linear model has never seen near abuse
  passes unread; `second_opinion: always` reads everything, at its price.
- **Of a long comment** the first 112 and the last 32 word pieces are read.
- **No context**: no parent comment, no article, no author. Irony and quotation are guessed from
  the words.
- **Passages are approximate.** They are found by leaving words out one passage at a time; what
  matters only together is not seen.
- **Emoji** are read by their names; one that Unicode has named since your Python was made is not
  read.
- **Other languages** are left to the first stage.
- Scores may differ in the last digits between processors; two answers of one machine do not.
"""


def write_reader_card(path: Path, manifest: Mapping[str, Any], size: int) -> None:
    """Write the card of the reader with `manifest`, whose file has `size` bytes, and its picture.

    Raises ValueError where it was not fitted to a linear model yet.
    """
    cascade = manifest.get("cascade")
    if cascade is None:
        raise ValueError("This second stage was not fitted to any model yet.")
    parts = (
        _introduce(manifest, size),
        _data(manifest),
        f"![Ranking, calibration and groups]({path.with_suffix('.svg').name})\n",
        f"{_RANKING}\n{_ranking(cascade)}",
        _calibration(cascade),
        write_thresholds(cascade),
        write_profiles(cascade),
        write_groups(cascade),
        _LIMITS,
    )
    path.write_text("\n".join(parts), encoding="utf-8")
    path.with_suffix(".svg").write_bytes(draw_card(cascade))


def _introduce(manifest: Mapping[str, Any], size: int) -> str:
    base = manifest["base"]
    return _INTRODUCTION.format(
        version=f"{manifest['series']}-{manifest['digest'][:8]}",
        layers=manifest["layers"],
        base=base["name"],
        licence=base["licence"],
        pieces=manifest["pieces"],
        size=size / 1e6,
        digest=manifest["digest"],
        model=manifest["cascade"]["model"],
        evaded=manifest["plan"]["evaded"],
        runs=_count_runs(manifest),
    )


def _count_runs(manifest: Mapping[str, Any]) -> str:
    plans = [*manifest.get("earlier_plans", ()), manifest["plan"]]
    runs = ", then ".join(f"{one['steps']:,} steps of {one['batch']} texts" for one in plans)
    averaged = manifest.get("averaged", 1)
    return runs if averaged == 1 else f"{runs}; the mean of the last {averaged} runs' weights"


def _data(manifest: Mapping[str, Any]) -> str:
    rows = [
        (name, f"{one['rows']:,}", one["about"], one["licence"])
        for name, one in manifest["training"].items()
    ]
    return table(("set", "rows", "what", "licence"), rows)


def _ranking(cascade: Mapping[str, Any]) -> str:
    ways = ("metrics_first", "metrics", "metrics_always")
    rows = [
        (name, label, *(_auc(cascade[way][name][label]) for way in ways), _counts(found[label]))
        for name, found in cascade["metrics"].items()
        for label in LABELS[1:]
        if label in found
    ]
    head = ("set", "label", "first stage", "as shipped", "both always", "positives of rows")
    asked = [(name, f"{share:.1%}") for name, share in cascade["asked"].items()]
    return f"{table(head, rows)}\n{table(('set', 'asked'), asked)}"


def _counts(found: Mapping[str, Any]) -> str:
    return f"{found['positives']:,} of {found['rows']:,}"


def _auc(found: Mapping[str, Any]) -> str:
    return f"{found['auc']:.4f}{between(found['auc_interval'], 3)}"


def _calibration(cascade: Mapping[str, Any]) -> str:
    rows = [
        (label, one["expected_error"], f"{one['rows']:,}")
        for label, one in cascade["calibration"].items()
        if label != LABELS[0]
    ]
    return (
        "## How well it is calibrated\n\nExpected calibration error (15 bins, weighted) where both "
        "are always asked, on training rows kept\nout of both fits: the rows that the weights of "
        "the two stages come from.\n\n" + table(("label", "error", "rows"), rows)
    )
