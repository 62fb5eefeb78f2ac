"""The flows' revisions, oldest first by number."""
