"""How often somebody may do something: the counting, which knows nothing of HTTP (ADR 0026)."""
