"""Finds the files to check, and filters those that may contain a websocket test."""
