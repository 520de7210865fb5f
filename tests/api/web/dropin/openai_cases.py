"""Bodies that OpenAI's moderation endpoint refuses, as the document has it."""

from typing import Any

INVALID = "invalid_request_error"
SCHEMA = (
    "'$.input' is invalid. Please check the API reference: "
    "https://platform.openai.com/docs/api-reference."
)
IMAGE = {"type": "image_url", "image_url": {"url": "https://gazette.example/a.png"}}
TEXT = {"type": "text", "text": "A fine day."}
TOO_LONG = (
    "Invalid 'input': array too long. Expected an array with maximum length 1000, "
    "but got an array with length 1001 instead."
)
PARSE = "We could not parse the JSON body of your request. "

CASES: list[tuple[Any, str, str | None, str | None]] = [
    ({}, "Missing required parameter: 'input'.", "input", "missing_required_parameter"),
    (
        {"model": "omni-moderation-latest"},
        "Missing required parameter: 'input'.",
        "input",
        "missing_required_parameter",
    ),
    *(
        ({"input": wrong}, SCHEMA, None, None)
        for wrong in (
            *(None, 5, 1.5, True, {}, [], [[]], [None], [5], ["a", 5], ["a", None], [["a"]]),
            *(["a", TEXT], [TEXT, "a"], [{}], [{"type": "text"}], [{"text": "a"}]),
            *([{"type": "text", "text": 5}], [{"type": "text", "text": None}]),
            *([{"type": "audio", "text": "a"}], [{"type": ["text"], "text": "a"}]),
            *([{"type": "image_url"}], [{"type": "image_url", "image_url": "https://a.example/"}]),
            *([{"type": "image_url", "image_url": {}}], [IMAGE, IMAGE, {}]),
            [{"type": "image_url", "image_url": {"url": None}}],
            {"type": "text", "text": "a"},
        )
    ),
    ({"input": "a", "model": 5}, SCHEMA.replace("input", "model"), None, None),
    ({"input": "a", "model": ["gpt-4"]}, SCHEMA.replace("input", "model"), None, None),
    ([], SCHEMA.replace("$.input", "$"), None, None),
    ("a", SCHEMA.replace("$.input", "$"), None, None),
    (None, SCHEMA.replace("$.input", "$"), None, None),
    (
        {"input": [IMAGE, IMAGE]},
        "Number of images (2) exceeds maximum of 1",
        "input",
        "too_many_images",
    ),
    (
        {"input": [IMAGE, TEXT, IMAGE, IMAGE]},
        "Number of images (3) exceeds maximum of 1",
        "input",
        "too_many_images",
    ),
    *(
        (
            {"input": given},
            "This server has no model that judges images; send text parts only.",
            "input",
            "image_unsupported",
        )
        for given in ([IMAGE], [TEXT, IMAGE], [IMAGE, TEXT])
    ),
    (
        {"input": ["a"] * 1_001},
        TOO_LONG,
        "input",
        "array_above_max_length",
    ),
    *(
        (
            {"input": "a", "model": model},
            f"The model '{shown}' does not exist or is not for moderation.",
            "model",
            "model_not_found",
        )
        for model, shown in (
            ("gpt-4o", "gpt-4o"),
            ("", ""),
            ("Omni-Moderation-Latest", "Omni-Moderation-Latest"),
            ("../../etc/passwd", "../../etc/passwd"),
            ("m\ud800", "m?"),
            ("é" * 5_000, "é" * 200),
        )
    ),
]
