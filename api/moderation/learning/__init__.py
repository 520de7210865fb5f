"""Learning: what people decide about comments makes the next verdict better, and never worse.

`labels` are gathered and `trust` says how far, `training` makes an adapter of them, the `gate`
says whether it may be used, `versions` keeps them and puts one in force, `using` hands it to
whoever judges.
"""
