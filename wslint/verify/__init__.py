"""Runs the affected tests before and after the fixes, and reverts fixes that made them worse."""
