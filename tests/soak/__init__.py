"""Two workers, PostgreSQL and Redis for a minute, one of them killed every few seconds."""
