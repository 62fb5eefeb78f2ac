"""Proof by removal: every guard that keeps a promise is taken out once, and a test must notice."""
