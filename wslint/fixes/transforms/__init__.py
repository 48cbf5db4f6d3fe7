"""The implementation of each action on a libcst tree, by subject."""
