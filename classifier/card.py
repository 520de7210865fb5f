"""The model card, written from the manifest so that its figures cannot drift from the file."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from classifier import thresholds
from classifier.labels import LABELS

_INTRODUCTION: Final = """\
# Model card: {version}

Written by `python -m classifier train --card`; do not edit by hand.

## What it is

Seven logistic regressions, one a label, on hashed word and character n-grams of English
comments. A score is a calibrated probability in [0, 1]. The model file is {size:.1f} MB of plain
arrays (safetensors) with a JSON manifest; its digest is `{digest}`.

**Meant for** sorting comments on a website: approve, show to a moderator, reject; with a human
who has the last word and sees the passages behind each score. **Not meant for** judging people,
for automatic punishment, or for any language but English.

## Data

A set teaches only what its annotators were asked; the rest is left unknown. The zeros of a hate
set teach nothing about toxicity, unless each is the twin of a hateful row. Comments of the other
sets count as weak evidence of what is not spam. Rows that also occur in a development set are
left out, and letters are lower-cased, as some sets were lower-cased before we got them. `weight`
is that of one row; the weights were chosen on the development sets.
"""

_LIMITS: Final = """\
## Known failures and limits

- **Development figures flatter.** Thresholds were chosen on the sets they are reported on, and
  some sets hold very few examples: three threats in one of them. Expect less elsewhere.
- **Words of identity still weigh.** Harmless sentences that name a religion, an orientation or
  an origin get higher scores than others, though template sentences are used against it; gay,
  Muslim, Jewish and black people are named in harmless comments that this model holds. Leave
  `identity_attack` to humans.
- **Implicit hate is missed**, and hate written to fool models often gets through: see the AUC
  on `dynahate_test`. Nothing here understands context, irony, quotation or a parent comment.
- **Disguised words** (look-alike letters, signs inside words, spaced-out letters) are not
  undone. Case and long runs of one letter are evened out, nothing more.
- **Threats** are rare in the data; the score knows the plain ones.
- **Spam is judged by its text alone**: no author, link target, repetition or timing. Flattering
  search-engine spam without a link is mostly missed. The spam sets are videos' comments, posts,
  text messages and mail, none of them from a blog.
- **Other languages**: scores mean nothing there and are mostly low.
- **Dialects**: tweets that were found by searching for the words of one dialect and called
  offensive are not trained on. The remaining bias was not measured.
- Calibration holds for the mixture of the training sets; a site with far fewer attacks will see
  scores that are too high.
"""


def write_card(path: Path, manifest: Mapping[str, Any], size: int) -> None:
    """Write the card of the model with `manifest`, whose file has `size` bytes."""
    version = f"{manifest['series']}-{manifest['digest'][:8]}"
    introduction = _INTRODUCTION.format(version=version, size=size / 1e6, digest=manifest["digest"])
    parts = (introduction, _data(manifest), _metrics(manifest), _thresholds(manifest), _LIMITS)
    path.write_text("\n".join(parts), encoding="utf-8")


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(str(cell) for cell in line)} |\n" for line in lines)


def _data(manifest: Mapping[str, Any]) -> str:
    rows = [
        (name, f"{one['rows']:,}", one["about"], one["licence"], one["weight"])
        for name, one in manifest["training"].items()
    ]
    return _table(("set", "rows", "what", "licence", "weight"), rows)


def _metrics(manifest: Mapping[str, Any]) -> str:
    rows = [
        (name, label, f"{one[label]['auc']:.4f}", one[label]["positives"], one[label]["rows"])
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
        "trained on. In\n`civil_comments_trial` even the 0s were called toxic by someone.\n\n"
        + _table(("set", "label", "AUC", "positives", "rows"), rows)
        + "\n## How well it is calibrated\n\nExpected calibration error (15 bins, weighted) on "
        "training rows kept out of the fit, the same\nrows the two numbers of each calibration "
        "curve come from.\n\n" + _table(("label", "error", "rows"), errors)
    )


def _thresholds(manifest: Mapping[str, Any]) -> str:
    rows = []
    for label in LABELS:
        one = manifest["thresholds"][label]
        for action in ("hold", "reject"):
            rows.append((label, action, *_figures(one[action], one.get(f"at_{action}"))))
    rule = (
        f"Chosen by rule. *Reject* at the lowest score with a precision of at least "
        f"{thresholds.PRECISION} over at least\n{thresholds.MIN_SUPPORT} comments, while no set "
        f"of ordinary comments loses more than {thresholds.REJECTED_ORDINARY:.1%}; otherwise "
        f"never.\n*Hold* so that all abuse labels together hold at most "
        f"{thresholds.HELD_ABUSE:.1%} of any set of ordinary comments, and spam\nat most "
        f"{thresholds.HELD_SPAM:.1%}. Ordinary: comments a blog's author let stand, and those of "
        f"the Wikipedia sample without\nany label. The false-positive rate is that of the worst "
        f"of these sets.\n"
    )
    head = ("label", "action", "at", "precision", "comments", "recall", "false positives")
    return f"## Thresholds\n\n{rule}\n{_table(head, rows)}\n{_ordinary(manifest)}"


def _ordinary(manifest: Mapping[str, Any]) -> str:
    keys = ("held_or_rejected_for_abuse", "held_or_rejected_for_spam", "rejected")
    rows = [
        (name, f"{one['comments']:,}", *(f"{one[key]:.2%}" for key in keys))
        for name, one in manifest["ordinary"].items()
    ]
    head = ("ordinary comments", "number", "touched for abuse", "touched for spam", "rejected")
    return f"What all thresholds together do to ordinary comments:\n\n{_table(head, rows)}"


def _figures(at: float | None, found: Mapping[str, Any] | None) -> Sequence[object]:
    if at is None:
        return ("never", "-", "-", "-", "-")
    if found is None:
        return (at, "-", "-", "-", "-")
    rate = f"{found['false_positive_rate']:.2%}"
    return (at, f"{found['precision']:.3f}", found["support"], f"{found['recall']:.3f}", rate)
