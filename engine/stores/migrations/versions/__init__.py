"""The engine's revisions, oldest first by number."""
