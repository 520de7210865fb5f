"""What leaves this machine because a site asked for it: where to, signed how, and how often."""
