"""Akismet's calls: a check becomes a comment, a report a decision.

Where clients are told a failure in a body, its status is 200, as the real service's is.
"""

from api.web.dropin.akismet import checks, figures, reports, wordpress
from api.web.dropin.akismet.door import blp, owns, refuse

__all__ = ["blp", "checks", "figures", "owns", "refuse", "reports", "wordpress"]
