"""Where code reads the state that an application's startup sets."""

from __future__ import annotations

from wslint.rules.shared.code import names_assigned
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions, refs, statements, walk
from wslint.timeline.application_model import Code, Shared, StartupState, written_item


def is_read(state: StartupState, ref: s.Ref, code: Code) -> bool:
    """Return whether a reference reads a state, and code does not ask whether it is there."""
    parts = ref.parts
    if state.kind == "global":
        # the bare name may be compared with None
        return (
            len(parts) > 1
            and parts[0] == state.name
            and code.path == state.place.path
            and not any(other.parts == (state.name,) for other in refs(code.node.body))
        )
    if state.kind == "object":
        used = code.uses.get(".".join(parts[:-1]))
        return isinstance(used, Shared) and used.key == state.key
    if state.kind == "item":
        used = code.uses.get(".".join(parts))
        return isinstance(used, Shared) and used.key == state.key and any(
            isinstance(node, s.Item) and node.value is ref
            and written_item(used, node) == state.name
            for node in walk(code.node.body)
        )  # fmt: skip
    if mentions(code.node, {"hasattr", "getattr"}):
        return False
    if state.kind == "attribute":
        used = code.uses.get(parts[0])
        is_attribute = parts[1:2] == (state.name.rpartition(".")[2],)
        if not is_attribute or not isinstance(used, Shared) or used.key != state.key:
            return False
        indexed = {id(n.value) for n in walk(code.node.body) if isinstance(n, s.Item)}
        # where it is used as it is, it may be compared with None
        as_it_is = (other for other in refs(code.node.body) if id(other) not in indexed)
        return not any(other.parts == parts[:2] for other in as_it_is)
    for number, part in enumerate(parts[:-1]):
        if part == "state" and number and parts[number + 1] == state.name:
            of_app = parts[number - 1] == "app" or (number == 1 and parts[0] in code.uses)
            return of_app is (state.kind == "app")
    return False


def is_injected(state: StartupState, ref: s.Ref, code: Code) -> bool:
    """Return whether a reference uses a state that a dependency returns as it is."""
    getter = code.depends.get(ref.parts[0])
    if state.kind != "global" or getter is None or len(ref.parts) == 1:
        return False
    body = getter.node.body
    returned = [one.value for one in statements(body) if isinstance(one, s.Return)]
    return (
        getter.path == state.place.path
        and bool(returned)
        and all(isinstance(one, s.Ref) and one.parts == (state.name,) for one in returned)
        and not any(state.name in names_assigned(one) for one in statements(body))
    )
