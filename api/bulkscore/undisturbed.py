"""Loaded by each process that works here: Ctrl-C is for the one that hands out pieces.

A terminal sends it to all of them, and each would die of it in the middle of a traceback.
"""

import signal

signal.signal(signal.SIGINT, signal.SIG_IGN)
