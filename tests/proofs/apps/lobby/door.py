"""Who may come into the lobby, who is heard there, and what is done when somebody leaves."""

guests = []


def may_enter(path):
    """Return whether somebody who comes this way is let in."""
    return path.startswith("/lobby/")


def answer(text):
    """Return the answer to what a guest says; None where nothing is answered."""
    return None if text.startswith("(") else f"{text}!"


def leave(guest):
    """Strike a guest off the list."""
    guests.remove(guest)
