"""What a site wants held: the document that says so, the checks, and how they are combined.

`document` is what a site may say, `reading` makes one of YAML or JSON, `inforce` prepares it for
use. Each check (`modes`, `words`, `links`, ...) turns a `Subject` into `Match`es; `combining`
decides which of them wins, `judging` makes a verdict of it. Nothing here asks the database: what
it knows comes in as `Facts`.
"""
