"""The server: reads requests whole, refuses what is too much, answers the rest, stops gently."""
