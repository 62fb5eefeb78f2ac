"""Bots as folders of files, and the actions their flows may `do`."""
