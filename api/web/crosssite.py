"""Refuses what another website's page makes a moderator's browser send.

The bearer-key API needs none of this: no browser adds a key by itself.
"""

from flask import abort, request

_READS = ("GET", "HEAD", "OPTIONS")
_OUR_PAGES = ("same-origin", "none")


def check() -> None:
    """Let reads through, and of the rest only what comes from our own pages; else 403."""
    if request.method in _READS or _is_ours():
        return
    abort(403, "This request did not come from one of Winnow's own pages, so nothing was done.")


def _is_ours() -> bool:
    # Browsers send Sec-Fetch-Site over https and to this machine only; older ones never.
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in _OUR_PAGES
    # With its scheme: who can answer in our name over plain http is not us.
    return request.headers.get("Origin") == f"{request.scheme}://{request.host}"
