"""The door for now: HTTP in, HTTP out."""
