"""What Google's front end and its comment analyzer answer when they refuse."""

from collections.abc import Sequence
from typing import Any

GOOGLE = "type.googleapis.com"
PACKAGE = f"{GOOGLE}/google.commentanalyzer.v1alpha1"
SERVICE = "commentanalyzer.googleapis.com"

STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}
"""The names that gRPC has for HTTP's numbers."""


class GoogleError(Exception):
    """An answer that is no success; clients read `details[0]` without asking if it is there."""

    def __init__(self, code: int, message: str, *details: dict[str, Any]) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = list(details) or [_error_info(STATUSES.get(code, "UNKNOWN"))]

    def show(self) -> dict[str, Any]:
        """The body."""
        return {
            "error": {
                "code": self.code,
                "message": self.message,
                "status": STATUSES.get(self.code, "UNKNOWN"),
                "details": self.details,
            }
        }


def refuse_comment(message: str, kind: str = "INVALID_REQUEST", **more: Any) -> GoogleError:
    """The analyzer's own refusal; `more` is said beside its `errorType`."""
    return GoogleError(400, message, {"@type": f"{PACKAGE}.Error", "errorType": kind, **more})


def refuse_payload(faults: Sequence[tuple[str, str]]) -> GoogleError:
    """A body, or a parameter, that cannot be read: for each fault the field, if any, and why."""
    violations = [
        {"field": field, "description": says} if field else {"description": says}
        for field, says in faults
    ]
    detail = {"@type": f"{GOOGLE}/google.rpc.BadRequest", "fieldViolations": violations}
    return GoogleError(400, "\n".join(says for _, says in faults), detail)


def refuse_key() -> GoogleError:
    """A key that nobody has."""
    message = "API key not valid. Please pass a valid API key."
    localized = {
        "@type": f"{GOOGLE}/google.rpc.LocalizedMessage",
        "locale": "en-US",
        "message": message,
    }
    return GoogleError(400, message, _error_info("API_KEY_INVALID"), localized)


def refuse_stranger() -> GoogleError:
    """No key at all."""
    message = (
        "Method doesn't allow unregistered callers (callers without established identity). "
        "Please use API Key or other form of API consumer identity to call this API."
    )
    return GoogleError(403, message, _error_info("CREDENTIALS_MISSING"))


def _error_info(reason: str) -> dict[str, Any]:
    return {
        "@type": f"{GOOGLE}/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": {"service": SERVICE},
    }
