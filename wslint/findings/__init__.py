"""The plain data that the stages exchange: places, findings, fixes, reports."""
