"""Rejoinder's engine: decides and remembers; knows no channel and no vendor."""
