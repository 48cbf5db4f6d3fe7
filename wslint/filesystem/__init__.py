"""Safe reading of files, and a snapshot of the file system for one run."""
