"""Checks and fixes files: runs the prefilter and the rules, and collects the results."""
