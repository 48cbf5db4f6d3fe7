"""The base of plain data: compared, hashed and shown by its fields."""

from __future__ import annotations


class Plain:
    """A base for dataclasses made with ``repr=False, eq=False``.

    Generating these methods for each of sixty classes took two thirds of the time of creating the
    class at import (0.2 to 0.4 ms each), and they are hardly ever called.
    """

    __slots__ = ()

    def _values(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in self.__dataclass_fields__)  # type: ignore[attr-defined]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Plain) or type(other) is not type(self):
            return NotImplemented
        # most differ in the first field, their place
        return self is other or all(
            getattr(self, name) == getattr(other, name)
            for name in self.__dataclass_fields__  # type: ignore[attr-defined]
        )

    def __hash__(self) -> int:
        return hash(self._values())

    def __repr__(self) -> str:
        shown = (f"{name}={getattr(self, name)!r}" for name in self.__dataclass_fields__)  # type: ignore[attr-defined]
        return f"{type(self).__qualname__}({', '.join(shown)})"
