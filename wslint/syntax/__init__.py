"""Bytes to ``Script``: what a file says, without what it means.

``script`` is plain data and cheap to import; ``lowering`` imports libcst, which is not.
"""
