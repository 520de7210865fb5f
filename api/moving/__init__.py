"""Files of comments: those of other systems, read one comment at a time, and ours, written.

`opening` unpacks within limits, `elements` reads XML, `shelf` keeps what later records refer to;
one file for each format; `sources` tells which it is, `checking` makes comments of what was read,
`batching` gives some at a time, `reports` tells of the others; `writing` and `columns` write ours.
"""
