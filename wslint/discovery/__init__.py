"""Which files there are, and which of them may hold a websocket test."""
