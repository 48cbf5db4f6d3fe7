"""wslint: finds websocket tests that pass by luck, and rewrites them so that they pass by right."""

__version__ = "0.1.0"
