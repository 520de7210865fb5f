"""The rules: what happens to a comment, and who may say so. They know nothing of HTTP."""
