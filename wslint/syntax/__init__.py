"""From bytes to ``Script``: the syntax of a file, without its meaning."""
