"""What those who watch are told: counts, lines of the log, traces."""
