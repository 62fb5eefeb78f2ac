"""The web chat over HTTP: for visitors, for operators' programs, and for whoever watches over it."""
