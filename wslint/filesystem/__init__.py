"""Reading files safely, and what the file system looks like during one run."""
