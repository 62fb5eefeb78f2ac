"""What authors write, read, checked and compiled to a Book."""
