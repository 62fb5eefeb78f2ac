"""Where sessions are kept; the turn knows none of them."""
