"""What each action does to a libcst tree, by subject."""
