"""What the roles of the vocabulary do to a timeline; one family a file.

Each family fills tables: ``CALLS`` (role of what is called), ``METHODS`` (role of the receiver),
``ENTERS`` (role of a context manager).
"""
