"""Every outside thing; deleting one breaks nothing else."""
