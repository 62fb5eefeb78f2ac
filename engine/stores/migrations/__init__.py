"""The schema's history, one file per change; `engine.stores.schema` runs what is missing."""
