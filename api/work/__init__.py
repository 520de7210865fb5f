"""The door for later: jobs that are due. None exist yet."""
