"""What people who mean harm write where others read it: 500 cases, each a payload in a place."""

import copy
from collections.abc import Iterator
from typing import Any

OUT = "http://hostile.example"
"""Where a payload that works would go: no request may leave for there."""

PAYLOADS = (
    "<script>alert(1)</script>",
    "<ScRiPt >alert(1)</sCrIpT >",
    f"<script src={OUT}/x.js></script>",
    "<img src=x onerror=alert(1)>",
    f'<img src="{OUT}/pixel.gif">',
    "<svg/onload=alert(1)>",
    "<svg><script>alert&#40;1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    '"><script>alert(1)</script>',
    "'><img src=x onerror='alert(1)'>",
    '" autofocus onfocus=alert(1) x="',
    "' onmouseover='alert(1)' y='",
    "` onerror=alert(1) `",
    "</p></li></ol><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</select><img src=x onerror=alert(1)>",
    "</template><img src=x onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "--><img src=x onerror=alert(1)><!--",
    "]]><img src=x onerror=alert(1)>",
    f"<iframe src={OUT}></iframe>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    f'<meta http-equiv="refresh" content="0;url={OUT}">',
    f'<base href="{OUT}/">',
    f'<link rel="stylesheet" href="{OUT}/x.css">',
    f"<style>@import '{OUT}/x.css';*{{background:url({OUT}/y)}}</style>",
    f'<div style="background:url({OUT}/z);position:fixed;inset:0">covered</div>',
    f'<form action="{OUT}"><button id=cover>Approve</button></form>',
    "<button formaction=javascript:alert(1)>x</button>",
    f'<object data="{OUT}/x.swf"></object><embed src="{OUT}/y">',
    f'<video src="{OUT}/v" onerror=alert(1)></video><audio src="{OUT}/a">',
    "<details open ontoggle=alert(1)>x</details>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    '<a href="javascript:alert(1)">click</a>',
    "javascript:alert(1)//",
    "jav\tascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "//hostile.example/%2e%2e",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#x3C;img src=x onerror=alert(1)&#x3E;",
    "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "\u202e>tpircs/<)1(trela>tpircs<",
    "\u2066\u2067<b>\u2069",
    "{{7*7}}{{constructor.constructor('alert(1)')()}}",
    "${alert(1)}<%= 7 * 7 %>#{7*7}",
    "{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    "' OR 1=1; DROP TABLE comments; --",
    "\x1b]8;;http://hostile.example\x07click\x1b]8;;\x07\x1b[2J",
    "__proto__[polluted]=1&constructor.prototype.x=1",
    "<p id=keys data-live data-busy=yes class=item name=action>clobbered</p>",
    "<img name=getElementById><form id=main><input name=querySelector>",
    "Z" + "\u0336\u0489" * 90,
)

PLACES = (
    ("text",),
    ("author", "name"),
    ("author", "id"),
    ("author", "url"),
    ("author", "user_agent"),
    ("article", "title"),
    ("article", "id"),
    ("article", "url"),
    ("article", "section"),
)


def cases() -> Iterator[dict[str, Any]]:
    """The bodies of 504 comments: every payload in every place."""
    plain: dict[str, Any] = {
        "text": "You win, click here for cash.",
        "article": {"id": "a-1", "title": "A day at the sea", "url": "https://gazette.example/1"},
        "author": {"id": "u-1", "name": "Ada", "email": "ada@gazette.example"},
    }
    for number, (place, payload) in enumerate((p, w) for w in PAYLOADS for p in PLACES):
        body = copy.deepcopy(plain) | {"id": f"h-{number}"}
        where: dict[str, Any] = body
        for step in place[:-1]:
            where = where[step]
        where[place[-1]] = payload
        yield body
