"""Privacy: how long what is kept, and a person who wants to know it, or wants it gone."""

ERASED_PERSON, EXPORTED_PERSON = "person.erased", "person.exported"
CHANGED, SWEPT = "privacy.changed", "privacy.swept"
"""The types of the events that tell of it: counts, and who asked, and nothing of the person."""
