"""Winnow: a self-hosted comment-moderation service."""
