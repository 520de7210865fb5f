"""The messages of the comment analyzer that callers send: which field is of which type."""

from api.web.dropin.perspective.reading import Message, mapped, repeated
from api.web.dropin.perspective.scalars import boolean, enumeration, integer, number, string

TEXT_TYPES = ("TEXT_TYPE_UNSPECIFIED", "PLAIN_TEXT", "HTML")
SCORE_TYPES = ("SCORE_TYPE_UNSPECIFIED", "PROBABILITY", "STD_DEV_SCORE", "PERCENTILE", "RAW")

TEXT_ENTRY = Message("TextEntry", {"text": string, "type": enumeration(*TEXT_TYPES)})

CONTEXT = Message(
    "Context",
    {
        "entries": repeated(TEXT_ENTRY),
        "articleAndParentComment": Message(
            "ArticleAndParentComment", {"article": TEXT_ENTRY, "parentComment": TEXT_ENTRY}
        ),
    },
)

PARAMETERS = Message(
    "AttributeParameters",
    {"scoreType": enumeration(*SCORE_TYPES), "scoreThreshold": number},
)

ANALYZE = Message(
    "AnalyzeCommentRequest",
    {
        "comment": TEXT_ENTRY,
        "context": CONTEXT,
        "requestedAttributes": mapped(PARAMETERS),
        "spanAnnotations": boolean,
        "languages": repeated(string),
        "doNotStore": boolean,
        "clientToken": string,
        "sessionId": string,
        "communityId": string,
        "dropUnsupportedAttributes": boolean,
    },
)

SCORE = Message("Score", {"value": number, "type": enumeration(*SCORE_TYPES)})

SCORES = Message(
    "AttributeScores",
    {
        "summaryScore": SCORE,
        "spanScores": repeated(
            Message("SpanScore", {"begin": integer, "end": integer, "score": SCORE})
        ),
    },
)

SUGGEST = Message(
    "SuggestCommentScoreRequest",
    {
        "comment": TEXT_ENTRY,
        "context": CONTEXT,
        "attributeScores": mapped(SCORES),
        "languages": repeated(string),
        "clientToken": string,
        "sessionId": string,
        "communityId": string,
    },
)
