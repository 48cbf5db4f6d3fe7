"""What several rules share, by subject."""
