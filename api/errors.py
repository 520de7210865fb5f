"""The one failure that ends a command: something is wrong with the machine or its settings."""


class StartupError(Exception):
    """Says in one sentence what the operator must mend; the command line prints it and exits 1."""
