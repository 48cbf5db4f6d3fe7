"""An abstract interpreter: it runs a test without running it."""
