"""Gemini as an assistant: what it is sent, what its answers mean, and a stand-in of it."""
