"""The model card, written from the manifest so that its figures cannot drift from the file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from classifier.cardplots import draw_card
from classifier.cardtables import between, table
from classifier.cardthresholds import write_profiles, write_thresholds
from classifier.labels import LABELS

_INTRODUCTION: Final = """\
# Model card: {version}

Written by `python -m classifier train --card` or `calibrate --card`; do not edit by hand.

## What it is

Seven logistic regressions, one a label, on hashed word and character n-grams of English
comments, for spam also on named signals of links, contacts, money and form. A comment is read
as it stands and without its disguises; the higher score counts. A score is a calibrated
probability in [0, 1]. The model file is {size:.1f} MB of plain arrays (safetensors), one byte a
weight, with a JSON manifest; its digest is `{digest}`.

**Meant for** sorting comments on a website: approve, show to a moderator, reject; with a human
who has the last word and sees the passages behind each score. **Not meant for** judging people,
for automatic punishment, or for any language but English.

## Data

A set teaches only what its annotators were asked; the rest is left unknown. The zeros of a hate
set teach nothing about toxicity, unless each is the twin of a hateful row. Comments of general
sets count as weak evidence of what is not spam. Rows that also occur in a development set are
left out, and letters are lower-cased, as some sets were lower-cased before we got them. `weight`
is that of one row; the weights were chosen on the development sets, see
[experiments](experiments.md). The `winnow_` sets are written by training itself: sentences about
groups of people, comments that name a group with another group's name instead, and sentences of
comments, labelled by an encoder that was fine-tuned on the same sets (all-MiniLM-L6-v2,
Apache-2.0; `python -m classifier teach`).
"""

_LIMITS: Final = """\
## Known failures and limits

- **Development figures flatter.** Thresholds were chosen on the sets they are reported on, and
  some sets hold very few examples: three threats in one of them. Expect less elsewhere.
- **Sentences about groups** are treated alike where they are as plain as those above; longer
  and stranger ones were not measured. Leave `identity_attack` to humans.
- **Implicit hate is missed**, and hate written to fool models often gets through: see the AUC
  on `dynahate_test`. Nothing here understands context, irony, quotation or a parent comment.
- **Threats** are rare in the data; the score knows the plain ones.
- **Spam**: the sets are videos' comments, posts, text messages and mail, none of them from a
  blog. Signals of the writer and the form have weights set by hand, as no set has them.
- **Other languages**: scores mean nothing there and are mostly low. Ask `detect_language`.
- **Dialects**: tweets that were found by searching for the words of one dialect and called
  offensive are not trained on. The remaining bias was not measured.
- Calibration holds for the mixture of the training sets; a site with far fewer attacks will see
  scores that are too high.
"""


def write_card(path: Path, manifest: Mapping[str, Any], size: int) -> None:
    """Write the card of the model with `manifest`, whose file has `size` bytes, and its picture."""
    version = f"{manifest['series']}-{manifest['digest'][:8]}"
    introduction = _INTRODUCTION.format(version=version, size=size / 1e6, digest=manifest["digest"])
    parts = (
        introduction,
        _data(manifest),
        f"![Ranking, calibration and groups]({path.with_suffix('.svg').name})\n",
        _metrics(manifest),
        write_thresholds(manifest),
        write_profiles(manifest),
        write_groups(manifest),
        _LIMITS,
    )
    path.write_text("\n".join(part for part in parts if part), encoding="utf-8")
    path.with_suffix(".svg").write_bytes(draw_card(manifest))


def _data(manifest: Mapping[str, Any]) -> str:
    rows = [
        (name, f"{one['rows']:,}", one["about"], one["licence"], one["weight"])
        for name, one in manifest["training"].items()
    ]
    return table(("set", "rows", "what", "licence", "weight"), rows)


def _metrics(manifest: Mapping[str, Any]) -> str:
    rows = [
        (name, label, _auc(one[label]), one[label]["positives"], one[label]["rows"])
        for name, one in manifest["metrics"].items()
        for label in LABELS
        if label in one
    ]
    errors = [
        (label, one.get("expected_error", "-"), f"{one['rows']:,}")
        for label, one in manifest["calibration"].items()
    ]
    return (
        "## How well it ranks\n\nArea under the ROC curve on the development sets, none of them "
        "trained on, with 95 % bootstrap\nintervals. In `civil_comments_trial` even the 0s were "
        "called toxic by someone.\n\n"
        + table(("set", "label", "AUC", "positives", "rows"), rows)
        + "\n## How well it is calibrated\n\nExpected calibration error (15 bins, weighted) on "
        "training rows kept out of the fit, the same\nrows the two numbers of each calibration "
        "curve come from.\n\n" + table(("label", "error", "rows"), errors)
    )


def _auc(found: Mapping[str, Any]) -> str:
    return f"{found['auc']:.4f}{between(found['auc_interval'], 3)}"


def write_groups(manifest: Mapping[str, Any]) -> str:
    """Return the section on sentences that differ only in the group they name."""
    found = manifest["groups"]
    rows = [
        (name, f"{one['held']:.1%}", f"{one['caught']:.1%}", f"{one['auc']:.4f}")
        for name, one in found["groups"].items()
    ]
    every = ("**all**", f"{found['held']:.1%}", f"{found['caught']:.1%}", f"{found['auc']:.4f}")
    words = (
        f"{found['sentences']:,} sentences that differ only in the group they name, none of them "
        f"trained on. No\ngroup's share of harmless sentences held is more than "
        f"{found['apart'] * 100:.1f} points from the mean of all groups; the\nAUC of toxicity "
        f"differs by at most {found['spread']:.3f} between groups.\n"
    )
    head = ("group", "harmless held", "hateful held", "AUC of toxicity")
    return f"## Groups of people\n\n{words}\n{table(head, [every, *rows])}"
