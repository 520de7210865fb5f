"""The labelled sets a model may be trained on, each read for what its labels really say.

A set teaches only what its annotators were asked. Whatever they were not asked is NaN and
stays out of that label's training. Zeros deserve suspicion: a hate set's 0 means "not hate",
which can still be abuse, so it says nothing of toxicity. `docs/experiments.md` says what each
reading and weight was measured to give.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from classifier.labels import LABELS

Said = dict[str, Any]
TOXIC: Final = LABELS[1:]
# Made by `lessons`. Of swear words the linear model knows more than its teacher.
SENTENCES: Final = "winnow_sentences"
TAUGHT: Final = tuple(label for label in TOXIC if label != "profanity")


@dataclass(frozen=True, slots=True)
class Corpus:
    """A set: what it is, its licence, what a row counts, and what its columns say.

    A row counts `weight` for every label but those in `special`.
    """

    licence: str
    about: str
    weight: float
    read: Callable[[pd.DataFrame], Said]
    special: Mapping[str, float] = field(default_factory=dict)

    def weight_of(self, label: str) -> float:
        """Return what a row counts for `label`."""
        return self.special.get(label, self.weight)


def _numbers(frame: pd.DataFrame, column: str) -> pd.Series:
    return pd.to_numeric(frame[column], errors="coerce")


def _yes(flags: pd.Series) -> pd.Series:
    """1 where the flag is set and unknown elsewhere."""
    return flags.map({True: 1.0, False: np.nan})


def _not_spam(frame: pd.DataFrame) -> pd.Series:
    """0 for one row in three, unknown elsewhere: that is plenty of what is no spam."""
    return pd.Series(np.where(np.arange(len(frame)) % 3 == 0, 0.0, np.nan), frame.index)


def _clean_when(flags: pd.Series) -> Said:
    """Nobody called it toxic in any way: every abuse label is 0. Elsewhere unknown."""
    return {label: flags.map({True: 0.0, False: np.nan}) for label in TOXIC}


def _jigsaw(frame: pd.DataFrame) -> Said:
    columns = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")
    said: Said = {
        label: _numbers(frame, column) for label, column in zip(TOXIC, columns, strict=True)
    }
    return said | {"spam": _not_spam(frame)}


def _jigsaw_binary(frame: pd.DataFrame) -> Said:
    toxic = _numbers(frame, "toxic")
    # Of those its sister set names toxic, seven in ten are insults.
    insult = toxic.mask(toxic == 1, 0.7)
    return _clean_when(toxic == 0) | {"toxicity": toxic, "insult": insult, "spam": _not_spam(frame)}


def _wikipedia_talk(frame: pd.DataFrame) -> Said:
    """Its raters named very few; the score an older model gave (`api`) says more than their 0."""
    label, guess = _numbers(frame, "label"), _numbers(frame, "api")
    # Nearly everything has at least 0.05 there, and the rest of the scale is too cautious.
    guess = (1.2 * (guess - 0.05)).clip(0.0, 1.0)
    toxic = (0.4 * label + 0.6 * guess).where(guess.notna(), label)
    return _clean_when((label == 0) & ~(guess > 0.2)) | {
        "toxicity": toxic,
        "insult": guess,
        "spam": _not_spam(frame),
    }


def _agreed(votes: pd.Series) -> pd.Series:
    """Two annotators or more say so: 1. Nobody: 0. One alone: unknown."""
    return votes.map(lambda count: np.nan if count == 1 else float(count > 1))


def _civil(frame: pd.DataFrame) -> Said:
    share = _numbers(frame, "frac_toxic")
    columns = {"profanity": "n_profane", "threat": "n_threat"}
    said: Said = {label: _agreed(_numbers(frame, column)) for label, column in columns.items()}
    said["identity_attack"] = _agreed(_numbers(frame, "n_identity_attack"))
    votes, asked = _numbers(frame, "n_insult"), _numbers(frame, "n_annot").clip(lower=1)
    said["insult"] = (
        (votes / asked).map(lambda s: 1.0 if s >= 0.6 else np.nan).mask(votes == 0, 0.0)
    )
    # Between the two is dispute, not evidence.
    said["toxicity"] = share.map(lambda s: 1.0 if s > 0.6 else 0.0 if s < 0.3 else np.nan)
    return said | {"spam": _not_spam(frame)}


def _hate(frame: pd.DataFrame) -> Said:
    hate = _numbers(frame, "label")
    # Its 0 cannot teach toxicity, and its 1 alone would teach only what the set sounds like.
    return {"identity_attack": hate}


def _hate_with_twins(frame: pd.DataFrame) -> Said:
    """Each hateful row has a harmless twin, so 0 may teach toxicity."""
    hate = _numbers(frame, "label")
    return {"identity_attack": hate, "toxicity": hate}


def _hatemoji(frame: pd.DataFrame) -> Said:
    threat = (frame["type"] == "threateninglanguage").astype(float)
    return _hate_with_twins(frame) | {"threat": threat}


def _hatexplain(frame: pd.DataFrame) -> Said:
    kind = frame["label3"]
    hate = kind.map({"hatespeech": 1.0, "normal": 0.0})
    toxic = kind.map({"hatespeech": 1.0, "offensive": 1.0, "normal": 0.0})
    # Two posts in three that hurt, hurt a person.
    insult = toxic.mask(toxic == 1, 0.6)
    return {"identity_attack": hate, "toxicity": toxic, "insult": insult}


def _sexism(frame: pd.DataFrame) -> Said:
    kind = frame["label_category"].str[:1].map({"1": 1.0, "2": 0.0, "3": 0.0, "4": 0.0})
    derogation = frame["label_category"].str.startswith("2.")
    return {"threat": kind, "identity_attack": _yes(derogation), "spam": _not_spam(frame)}


def _abuse_of_bots(frame: pd.DataFrame) -> Said:
    abuse = _numbers(frame, "label")
    intellect = frame["types"].str.contains("intellectual")
    insult = pd.Series(np.where(intellect, 1.0, np.where(abuse == 0, 0.0, np.nan)))
    return {"toxicity": abuse, "insult": insult}


def _davidson(frame: pd.DataFrame) -> Said:
    # Class 1 ("offensive") was found by searching for words of one dialect: it teaches that
    # dialect, so it is left out altogether.
    kind = _numbers(frame, "class")
    toxic = kind.map({0: 1.0, 2: 0.0})
    return {"toxicity": toxic, "identity_attack": toxic}


def _madlibs(frame: pd.DataFrame) -> Said:
    toxic = (frame["toxicity"] == "toxic").astype(float)
    # Its harmless sentences say "you are" and "I am" so often that insults would lose theirs.
    clean = {label: said for label, said in _clean_when(toxic == 0).items() if label != "insult"}
    return clean | {"toxicity": toxic}


def _spam(column: str) -> Callable[[pd.DataFrame], Said]:
    return lambda frame: {"spam": _numbers(frame, column)}


def _telegram(frame: pd.DataFrame) -> Said:
    # Nearly all ham and some of the spam is Russian: either would teach what Russian looks like.
    return {"spam": _yes((_numbers(frame, "spam") == 1) & (frame["lang_guess"] != "ru"))}


def _lessons(frame: pd.DataFrame) -> Said:
    return {label: _numbers(frame, label) for label in TAUGHT}


_SAME: Final = "as the comments they are from"
_WIKIPEDIA: Final = "labels CC0, text CC BY-SA 3.0"
_JIGSAW: Final = "Wikipedia talk pages, labels of the 2018 toxicity challenge's training set"
_TALK: Final = "Apache-2.0, text CC BY-SA"
_HAM: Final = {"spam": 0.1}
CORPORA: Final[Mapping[str, Corpus]] = {
    "jigsaw_multilabel": Corpus(_WIKIPEDIA, f"{_JIGSAW}, six labels", 1.0, _jigsaw, _HAM),
    "jigsaw_multilabel_more": Corpus(
        _WIKIPEDIA, f"{_JIGSAW}, six labels, more", 1.0, _jigsaw, _HAM
    ),
    "jigsaw_binary": Corpus(_WIKIPEDIA, f"{_JIGSAW}, toxic or not", 1.0, _jigsaw_binary, _HAM),
    "wikipedia_talk_gc": Corpus(
        _TALK, "Wikipedia talk, judged with its parent", 0.5, _wikipedia_talk, _HAM
    ),
    "wikipedia_talk_gn": Corpus(_TALK, "Wikipedia talk, judged alone", 0.5, _wikipedia_talk, _HAM),
    "civil_comments_16k": Corpus(
        "CC0", "news-site comments, counts of annotators", 0.2, _civil, {"insult": 0.3} | _HAM
    ),
    "dynahate": Corpus("CC BY 4.0", "hate and its twins, written to fool models", 0.04, _hate),
    "hatexplain": Corpus("MIT and CC BY 4.0", "tweets and Gab posts", 0.04, _hatexplain),
    "hatemoji_build": Corpus(
        "CC BY 4.0", "hate with emoji and its harmless twins", 0.04, _hatemoji
    ),
    "gab_hate_corpus": Corpus("CC BY 4.0", "Gab posts, hate or not", 0.03, _hate),
    "stormfront_sentences": Corpus("CC BY-SA 3.0", "forum sentences, hate or not", 0.03, _hate),
    "edos_sexism": Corpus(
        "CC0", "Reddit and Gab, sexism by category", 0.1, _sexism, {"spam": 0.03}
    ),
    "convabuse": Corpus("CC BY 4.0", "short abuse typed to chat bots", 0.3, _abuse_of_bots),
    "davidson_tweets": Corpus("MIT", "tweets found by keyword", 0.03, _davidson),
    "toxigen_seed_sentences": Corpus("MIT", "implicit hate and its twins", 0.1, _hate_with_twins),
    "identity_madlibs_30k": Corpus(
        "Apache-2.0", "template sentences, to take identity terms' guilt away", 0.1, _madlibs
    ),
    "youtube_spam": Corpus("CC BY 4.0", "comments under music videos", 10.0, _spam("spam")),
    "x_scam_promo": Corpus("MIT", "posts, scam and promotion or not", 1.0, _spam("label")),
    "telegram_tgspam_samples": Corpus(
        "MIT", "chat spam; its ham and its Russian are left out", 0.5, _telegram
    ),
    "sms_spam": Corpus("CC BY 4.0", "text messages", 0.5, _spam("spam")),
    "sms_spam_rest": Corpus("CC BY 4.0", "text messages, more", 0.5, _spam("label")),
    SENTENCES: Corpus(
        _SAME, "their sentences, labelled by an encoder", 0.2, _lessons, {"toxicity": 0.3}
    ),
    "spamassassin_mail": Corpus("CC0", "mail, first 3,000 characters", 0.1, _spam("spam")),
}
