"""Measurements: figures beside the machine they were taken on, goals as ratios within one run."""
