"""How the hazards look when a test fails: known error texts, their causes and cures.

The table is plain data. ``wslint explain``, the pytest plugin and docs/symptoms.md share it.
"""
