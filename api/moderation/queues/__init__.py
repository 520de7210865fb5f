"""What waits for people: where each comment lies, how urgent it is, and who is asked about it."""

DEFAULT = "default"
ESCALATED = "escalated"
REPORTED = "reported"
AUDIT = "audit"
DISPUTED = "disputed"

BUILT_IN = {
    DEFAULT: "Waiting",
    ESCALATED: "Escalated",
    REPORTED: "Reported",
    DISPUTED: "Disputed",
    AUDIT: "Samples",
}
"""The queues that every site has, and what people call them.

`default` is what the policy holds, `escalated` what somebody has passed on, `reported` what
readers have reported that is published already, `disputed` that about which two people
disagree, `audit` what is looked at again, or to learn from it, without being told what was said.
"""
