"""Scripts and links to one timeline a test."""
