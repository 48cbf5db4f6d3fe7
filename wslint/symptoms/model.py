"""A failure, as it was seen, and a symptom, as it is known."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Failure:
    """An exception as plain data.

    ``exception`` is the name of its class without the module, or "" if it is not known. ``frames``
    are "package/file.py:function" for installed packages and "/path/file.py:function" for all other
    files, from the outermost call to the innermost; None if the traceback is not known.
    """

    exception: str
    message: str
    frames: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """One possible cause of a symptom, and what cures it.

    ``frames``: a regular expression for frames that point to this cause rather than to another.
    """

    text: str
    cure: str
    rules: tuple[str, ...] = ()
    frames: str = ""


@dataclass(frozen=True, slots=True)
class Symptom:
    """A failure that people meet: what it looks like, and where it comes from.

    - ``quotes``: the texts as they are shown, which docs/symptoms.md quotes too.
    - ``where``: where the same text is raised for several reasons, the place that tells them apart.
    - ``exceptions``: names of classes; none stands for any class.
    - ``message``: a regular expression, searched in the message.
    - ``frames``: regular expressions, each of which must match the beginning of a frame;
      ``without`` must match none.
    - ``in_socket_test``: the text is common elsewhere too, so that it counts only for a test that
      uses a communicator or a websocket client.
    """

    name: str
    quotes: tuple[str, ...]
    causes: tuple[Cause, ...]
    where: str = ""
    exceptions: tuple[str, ...] = ()
    message: str = ""
    frames: tuple[str, ...] = ()
    without: str = ""
    in_socket_test: bool = False

    @property
    def rules(self) -> tuple[str, ...]:
        """The codes of all rules that its causes name."""
        return tuple(dict.fromkeys(code for cause in self.causes for code in cause.rules))
