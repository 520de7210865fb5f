"""`winnow compare`: the scores that Perspective gave to texts, beside those that we give them.

`shapes` says what a stored answer holds, `answers` reads a file of them, `pairing` scores their
texts, `shares` and `findings` compare, `curves` makes a policy's curve of it, `telling` and
`drawing` show it.
"""
