"""The language server: diagnostics, quick fixes and hovers in an editor.

``server`` answers the editor on the event loop. Everything that reads or judges code runs in one
other thread, so a message that makes it outdated is noticed meanwhile.
"""
