"""Checks and fixes files: the prefilter, the judges and the results of one run."""
