"""The ``fix`` stage: findings to new source.

``apply`` turns the actions of one fix into one change of a libcst tree, ``guards`` checks what
came out, ``loop`` goes on until nothing is left to fix, ``write`` puts it on disk.
"""
