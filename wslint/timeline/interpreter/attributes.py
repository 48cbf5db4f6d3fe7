"""Attributes and items of values: modules, instances, classes, resources, containers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from wslint.findings.span import Span
from wslint.syntax import nodes as s
from wslint.timeline.application_model import Replacement
from wslint.timeline.interpreter import connect_results
from wslint.timeline.interpreter.classes import Base
from wslint.timeline.interpreter.values import (
    Arguments,
    Bound,
    Cached,
    ConnectResult,
    Constant,
    Descriptor,
    Func,
    Items,
    Klass,
    Library,
    LibraryObject,
    Method,
    Object,
    OneOf,
    ProjectModule,
    ResourceRef,
    Super,
    Table,
    Unknown,
    Value,
    join,
    keys_of,
    text_of,
)
from wslint.timeline.model import Moment, ScopeSet
from wslint.vocabulary import SERVER_ATTRIBUTES, is_private

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Interpreter
    from wslint.timeline.model import Resource


class Attributes:
    """Looks attributes up and sets them, by Python's rules for instances, classes and bases."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter

    def get(self, value: Value, name: str, span: Span) -> Value:
        """Return ``value.name``; ``span`` is where it is read."""
        if isinstance(value, OneOf):
            value = self.interpreter.recorder.merge_alternatives(value)
        if isinstance(value, Library):
            return Library(f"{value.name}.{name}")
        if isinstance(value, ProjectModule):
            return self.interpreter.names.module_attribute(value, name)
        if isinstance(value, (Object, ResourceRef)):
            return self._of_instance(value, name, span)
        if isinstance(value, Klass):
            return self._of_class(value, name, span)
        if isinstance(value, Super):
            return self._of_super(value, name, span)
        if isinstance(value, LibraryObject):
            return self.interpreter.store.get(value.id, name) or Method(value, name)
        if isinstance(value, (Items, Table, Constant)):
            return Method(value, name)
        if isinstance(value, OneOf):
            # reading an attribute of None would have failed, so here the value is another one
            options = [v for v in value.values if not isinstance(v, Constant)]
            return join([self.get(option, name, span) for option in options])
        if isinstance(value, Unknown):
            return value
        if isinstance(value, Method) and value.name == "state":
            return self.state(value.receiver, name) or Method(value, name)
        return Method(value, name)

    def state(self, app: Value | None, name: str) -> Value | None:
        """Return ``app.state.name``, None if it isn't known."""
        found = isinstance(app, LibraryObject) and self.interpreter.store.get(app.id, f".{name}")
        return found or None

    def set_state(self, app: LibraryObject, name: str, value: Value) -> None:
        """Do ``app.state.name = value``."""
        self.interpreter.store.put(app.id, f".{name}", value)

    def within_state(self, value: Value, rest: tuple[str, ...]) -> tuple[Value, tuple[str, ...]]:
        """Return what ``rest`` leads to in the state of an application or of a client's."""
        if isinstance(value, ResourceRef) and rest[:2] == ("app", "state"):
            inner, after = self.interpreter.applications.get(value.resource.id), rest[2:]
        else:
            inner, after = value, rest[1:] if rest[:1] == ("state",) else ()
        found = self.state(inner, after[0]) if after else None
        return (value, rest) if found is None else (found, after[1:])

    def _of_instance(self, value: Object | ResourceRef, name: str, span: Span) -> Value:
        stored = self.interpreter.store.get(value.id, name)
        if stored is not None:
            return stored
        if (
            isinstance(value, ResourceRef)
            and value.resource.role == "Session"
            and (name in SERVER_ATTRIBUTES or (is_private(name) and value.klass is None))
        ):
            recorder = self.interpreter.recorder
            recorder.event("Attribute", name, value.resource.id, recorder.site(span))
        if isinstance(value, ResourceRef) and name == "app":
            app = self.interpreter.applications.get(value.resource.id)
            if app is not None:
                return app
        if value.klass is not None:
            for base in self.interpreter.classes.mro(value.klass):
                found = self._held_by_class(base, name)
                if found is not None:
                    bound = self._bind(found, value, span)
                    if isinstance(found, Descriptor) and found.kind == "cached":
                        self.interpreter.store.put(value.id, name, bound)
                    return bound
        return Method(value, name)

    def _held_by_class(self, base: Base, name: str) -> Value | None:
        """Return what a class binds to a name: while the test runs, or in its body."""
        classes = self.interpreter.classes
        stored = None
        if isinstance(base, Klass):
            stored = self.interpreter.store.get(classes.env(base).id, name)
        return stored if stored is not None else classes.own_attribute(base, name)

    def _of_class(self, klass: Klass, name: str, span: Span) -> Value:
        for base in self.interpreter.classes.mro(klass):
            found = self._held_by_class(base, name)
            if found is not None:
                static = isinstance(found, Descriptor) and found.kind in ("static", "class")
                return self._bind(found, klass, span) if static else found
        return Method(klass, name)

    def _of_super(self, value: Super, name: str, span: Span) -> Value:
        receiver = value.receiver
        klass = receiver if isinstance(receiver, Klass) else getattr(receiver, "klass", None)
        bases = self.interpreter.classes.mro(klass) if klass is not None else []
        after = False
        for base in bases:
            if after:
                found = self._held_by_class(base, name)
                if found is not None:
                    return self._bind(found, receiver, span)
            after = after or (isinstance(base, Klass) and base.node is value.owner.node)
        return Method(receiver, name)

    def _bind(self, value: Value, receiver: Value, span: Span) -> Value:
        """Return what a class attribute gives when it is read through an instance."""
        if isinstance(value, Descriptor):
            if value.kind == "static":
                return value.inner
            if value.kind == "class":
                klass = getattr(receiver, "klass", None) or receiver
                return Bound(value.inner, klass)
            site = self.interpreter.recorder.site(span)
            return self.interpreter.calls.call(Bound(value.inner, receiver), Arguments(), site)
        if self.interpreter.decorators.is_callable(value):
            return Bound(value, receiver)
        return value

    def set(self, owner: Value, name: str, value: Value, span: Span) -> None:
        """Do ``owner.name = value``."""
        interpreter = self.interpreter
        if isinstance(owner, ResourceRef) and name == "scope":
            self._replace_scope(owner.resource, value, span)
        if isinstance(value, (ConnectResult, Items)) and interpreter.is_mentioned_again(name):
            connect_results.use([value])
        if isinstance(owner, Library):
            qualified = f"{owner.name}.{name}"
            handler = interpreter.libraries.assignments.get(qualified)
            if handler is not None:
                handler(interpreter, qualified, value, interpreter.recorder.origin(span))
        self.note_replacement(owner, name, span)
        if interpreter.path and isinstance(owner, (Object, Klass)):
            self._keep_class_value(owner, name)
        if isinstance(value, Table):
            self.note_overrides(Method(owner, name), value.functions.items(), span)
        if isinstance(owner, (Object, ResourceRef, LibraryObject)):
            interpreter.store.put(owner.id, name, value)
        elif isinstance(owner, Klass):
            interpreter.store.put(interpreter.classes.env(owner).id, name, value)
        else:
            interpreter.escapes.mark([value], span)
        app = _application_of(owner, "state")
        if app is not None:
            self.set_state(app, name, value)

    def _keep_class_value(self, owner: Object | Klass, name: str) -> None:
        """Store the class's value, which the other arms of a branch still see."""
        store, classes = self.interpreter.store, self.interpreter.classes
        klass = owner if isinstance(owner, Klass) else owner.klass
        key = classes.env(owner).id if isinstance(owner, Klass) else owner.id
        if klass is None or store.get(key, name) is not None:
            return
        found = classes.found_attribute(klass, name)
        if found is not None:
            store.first().put(key, name, found)

    # items

    def get_item(self, value: Value, index: Value) -> Value:
        """Return ``value[index]``."""
        if isinstance(value, OneOf):
            return join([self.get_item(option, index) for option in value.values])
        if isinstance(index, Items) and index.kind == "slice" and isinstance(value, Items):
            return _sliced(value, index)
        made = made_with_scope(value)
        if made is not None:
            made.scope_gets.add(_key(index))
        if isinstance(index, Constant):
            if isinstance(value, Items) and value.exact and isinstance(index.value, int):
                if -len(value.values) <= index.value < len(value.values):
                    return value.values[index.value]
            elif isinstance(value, Table) and index.value in value.values:
                return value.values[index.value]
            elif isinstance(value, Object) and isinstance(index.value, int):
                return self._field_at(value, index.value)
        if isinstance(value, (Items, Table)):
            options = list(value.values) if isinstance(value, Items) else [*value.values.values()]
            if options:
                return join(options)
        return value if isinstance(value, Unknown) else Unknown("an item that can't be followed")

    def _field_at(self, value: Object, number: int) -> Value:
        """Return the field of a ``NamedTuple`` by its number."""
        classes, klass = self.interpreter.classes, value.klass
        bases = classes.mro(klass) if klass is not None else ()
        if klass is not None and any(
            isinstance(base, Library) and base.name == "typing.NamedTuple" for base in bases
        ):
            for name in classes.field_names(klass)[number : number + 1]:
                return self.get(value, name, klass.node.name_span)
        return Unknown("an item that can't be followed")

    @staticmethod
    def any_item(value: Value) -> Value:
        """Return what stands for any one of the items of a value."""
        if isinstance(value, Items) and value.values:
            return join(list(value.values))
        if isinstance(value, Unknown):
            return value
        return Unknown("an item of what can't be followed")

    def set_item(self, owner: Value, index: Value, value: Value, span: Span) -> None:
        """Do ``owner[index] = value``."""
        if isinstance(owner, Table):
            key = index.value if isinstance(index, Constant) else ("?", len(owner.values))
            owner.exact = owner.exact and isinstance(index, Constant) and not self.interpreter.path
            owner.values[key] = value
        elif isinstance(owner, Items):
            owner.exact = False
            owner.values.append(value)
        else:
            self._set_in_scope(owner, index, value, span)
            self.note_overrides(owner, [(index, value)], span)
            self.interpreter.escapes.mark([value], span)

    def _set_in_scope(self, owner: Value, index: Value, value: Value, span: Span) -> None:
        """Do ``communicator.scope[…] = …``, such as ``["url_route"] = {"kwargs": {…}}``."""
        made, recorder = made_with_scope(owner), self.interpreter.recorder
        given = value.values.get("kwargs") if isinstance(value, Table) else None
        if made is None:
            return
        origin, step = recorder.origin(span), recorder.steps()[-1]
        made.scope_sets.append(ScopeSet(_key(index), recorder.now(), origin, step))
        is_route = isinstance(index, Constant) and index.value == "url_route"
        if is_route and not self.interpreter.path and isinstance(given, Table):
            texts = {str(key): text_of(text) for key, text in given.values.items()}
            known = {key: text for key, text in texts.items() if text is not None}
            for consumer in made.consumers:
                consumer.taken = {**known, **consumer.taken}

    def update_scope(self, owner: Value, given: Value, span: Span) -> None:
        """Do ``communicator.scope.update(given)``."""
        pairs: list[tuple[Value, Value]] = [(Unknown("a key"), given)]
        if isinstance(given, Table) and given.exact:
            pairs = list(zip(keys_of(given), given.values.values(), strict=True))
        for key, value in pairs:
            self.set_item(owner, key, value, span)

    def _replace_scope(self, made: Resource, value: Value, span: Span) -> None:
        """Do ``communicator.scope = value``, which may set any key; ``|=`` leaves it the same."""
        if made_with_scope(value) is not made:
            recorder = self.interpreter.recorder
            origin, step = recorder.origin(span), recorder.steps()[-1]
            made.scope_sets.append(ScopeSet("", recorder.now(), origin, step))

    def note_replacement(
        self, owner: Value | None, name: str, span: Span, call: s.Call | None = None
    ) -> None:
        """Record that a name of a module, or of an application's ``state``, is replaced."""
        app = _application_of(owner, "state")
        if app is None and not isinstance(owner, ProjectModule):
            return
        interpreter, recorder = self.interpreter, self.interpreter.recorder
        at = Moment(recorder.lane.id, recorder.index, interpreter.path)
        place, step = recorder.origin(span).place, recorder.steps()[-1]
        home = app.origin.place if app is not None else None
        path = owner.path if isinstance(owner, ProjectModule) else home.path if home else ""
        interpreter.replacements.append(Replacement(name, path, place, at, step, call, home))
        if app is not None:
            self.set_state(app, name, Unknown("a patch"))

    def set_in_state(self, owner: Value, name: str, value: Value) -> None:
        """Do ``app.state.name = value``, if an application's state is the ``owner``."""
        app = _application_of(owner, "state")
        if app is not None and name and not self.interpreter.path:
            self.set_state(app, name, value)

    def note_overrides(
        self, owner: Value, given: Iterable[tuple[Value, Value]], span: Span
    ) -> None:
        """Record what is put into ``app.dependency_overrides``, if that is the ``owner``."""
        app = _application_of(owner, "dependency_overrides")
        if app is None:
            return
        interpreter = self.interpreter
        place, step = interpreter.recorder.origin(span).place, interpreter.recorder.steps()[-1]
        for key, other in given:
            function = key.inner if isinstance(key, Cached) else key
            if isinstance(function, Func):
                interpreter.dependency_overrides.append((app, function, other, place, step))


def _key(index: Value) -> str:
    """Return the key that an index is, "" if that isn't known."""
    return str(index.value) if isinstance(index, Constant) else ""


def made_with_scope(value: Value) -> Resource | None:
    """Return the communicator of which a value is the scope, None if it is something else."""
    made = value.receiver if isinstance(value, Method) and value.name == "scope" else None
    return made.resource if isinstance(made, ResourceRef) else None


def _application_of(value: Value | None, attribute: str) -> LibraryObject | None:
    """Return the application of which a value is an attribute, None if it is none of that name."""
    owner = value.receiver if isinstance(value, Method) and value.name == attribute else None
    return owner if isinstance(owner, LibraryObject) else None


def _sliced(value: Items, index: Items) -> Items:
    """Return ``value[start:stop:step]``, which has the same items as ``value``."""
    bounds = [
        bound.value
        for bound in index.values
        if isinstance(bound, Constant) and (bound.value is None or isinstance(bound.value, int))
    ]
    if value.exact and len(bounds) == len(index.values) and bounds[2] != 0:
        start, stop, step = bounds
        return Items(value.kind, value.values[start:stop:step])
    return Items(value.kind, list(value.values), exact=False)
