"""The history of the flows' own tables, beside the engine's."""
