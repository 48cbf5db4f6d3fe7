"""The plain data that every stage speaks: places, findings, fixes, reports."""
