"""What it takes to let published clients of other services call Winnow, unmodified.

`wires` end TLS in front of it under those services' names, `running` are the servers, and
`calling` runs a client in a process of its own.
"""
