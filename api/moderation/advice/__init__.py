"""Which threshold meets a target, by what the site's own people have decided."""
