"""The output formats: each turns a report into text, and knows no stage before it."""
