"""Fixes: from findings to new source.

``apply`` makes the actions of a fix in one change of a libcst tree, ``guards`` checks the result,
``loop`` repeats until nothing is left to fix, ``write`` replaces the files on disk.
"""
