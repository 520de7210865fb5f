"""What `winnow compare` reads, finds and shows."""
