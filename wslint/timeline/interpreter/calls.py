"""Calls: what calling a value does, whatever kind of value it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslint.syntax import nodes as s
from wslint.timeline.interpreter.tables import LibraryCall, MethodCall
from wslint.timeline.interpreter.values import (
    Adapted,
    Arguments,
    Around,
    Bound,
    Cached,
    CallSite,
    Constant,
    Coroutine,
    Descriptor,
    Exit,
    Func,
    HostFunction,
    Items,
    Klass,
    Library,
    LibraryObject,
    Manager,
    ManagerCall,
    Method,
    Object,
    OneOf,
    Partial,
    ResourceRef,
    Table,
    Unknown,
    Value,
    keys_of,
)
from wslint.vocabulary import FIELDS

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Interpreter

# a test of a consumer often talks to one of these
# what these connect is not a websocket of a test client
_OTHER_CLIENTS = ("aiohttp.", "httpx.", "quart.", "tornado.")
# these libraries are known, and their websockets are still not followed
_ASYNC_CLIENTS = ("async_asgi_testclient.", "litestar.")
_STAND_INS = ("unittest.mock.", "mock.", "pytest_mock.", "pytest.fixture.")


class Calls:
    """Calls values: project code is followed, the tables say what libraries do."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter

    def call(self, func: Value, args: Arguments, site: CallSite) -> Value:
        """Call a value and return the result."""
        interpreter = self.interpreter
        interpreter.step()
        if isinstance(func, Func):
            return interpreter.functions.invoke(func, args, site)
        if isinstance(func, Bound):
            bound = Arguments([func.receiver, *args.values], args.keywords, args.exact)
            if isinstance(func.func, Func):
                interpreter.recorder.own_method(func.func, site.origin.place)
            return self.call(func.func, bound, site)
        if isinstance(func, Klass):
            return self._instantiate(func, args, site)
        if isinstance(func, Library):
            return self.call_library(func.name, args, site)
        if isinstance(func, Method):
            return self._call_method(func.receiver, func.name, args, site)
        if isinstance(func, Adapted):
            return self._call_adapted(func, args, site)
        if isinstance(func, Around):
            return interpreter.decorators.call_around(func, args, site)
        if isinstance(func, Cached):
            return self._call_cached(func, args, site)
        if isinstance(func, Manager):
            return ManagerCall(func.inner, args)
        if isinstance(func, Partial):
            merged = Arguments(
                [*func.args.values, *args.values],
                {**func.args.keywords, **args.keywords},
                func.args.exact and args.exact,
            )
            return self.call(func.func, merged, site)
        if isinstance(func, Descriptor):
            return self.call(func.inner, args, site)
        if isinstance(func, HostFunction):
            return func.run(args, site)
        return self._call_other(func, args, site)

    def _call_cached(self, func: Cached, args: Arguments, site: CallSite) -> Value:
        if not args.exact:
            return self.call(func.inner, args, site)
        keywords = sorted(args.keywords.items())
        given = [*((None, value) for value in args.values), *keywords]
        key = tuple(
            (name, type(v.value), v.value) if isinstance(v, Constant) else (name, id(v))
            for name, v in given
        )
        if key not in func.results:
            # the arguments are kept, so that their ids stay theirs
            func.results[key] = args, self.call(func.inner, args, site)
        return func.results[key][1]

    def _call_other(self, func: Value, args: Arguments, site: CallSite) -> Value:
        """Call a value that may not be callable."""
        interpreter = self.interpreter
        if isinstance(func, OneOf):
            options = [v for v in func.values if not isinstance(v, Constant)]
            return interpreter.choose([lambda o=o: self.call(o, args, site) for o in options])  # type: ignore[misc]
        if isinstance(func, Object):
            method = interpreter.attributes.get(func, "__call__", site.span)
            if isinstance(method, Bound):
                return self.call(method, args, site)
        if isinstance(func, (ResourceRef, ManagerCall)) and len(args.values) == 1:
            return Around(func, args.values[0], site.origin)
        if isinstance(func, LibraryObject):
            made = self._any_call(LibraryCall(f"{func.name}()", "", args, site))
            if made is not None:
                return made
        interpreter.escapes.mark(args.all(), site.span)
        if isinstance(func, Unknown):
            self._note_unknown(func, site)
            return func
        return Unknown("the result of a call that can't be followed")

    def _note_unknown(self, unknown: Unknown, site: CallSite) -> None:
        """Record a call of what may be a method of a client or communicator, or a communicator."""
        if site.node is not None:
            func = site.node.func
            name = func.name if isinstance(func, s.Attr) else (site.callee or ("",))[-1]
            self.interpreter.recorder.unresolved_method(
                name, ".".join(site.receiver), unknown.reason, site.origin.place
            )

    def later(self, func: Value, args: Arguments, site: CallSite) -> Exit:
        """Return a call that is due later; if it returns a coroutine, that is driven to its end."""

        def run() -> None:
            self.settle(self.call(func, args, site))

        return run

    def settle(self, value: Value) -> Value:
        """Drive a value to its end if it is a coroutine."""
        is_coroutine = isinstance(value, Coroutine)
        return self.interpreter.expressions.awaited(value) if is_coroutine else value

    def _call_adapted(self, func: Adapted, args: Arguments, site: CallSite) -> Value:
        in_lane = self.interpreter.recorder.in_lane
        if func.role == "AsyncToSync":
            with in_lane("loop", func.origin, adapter=func.role):
                return self.interpreter.expressions.awaited(self.call(func.inner, args, site))

        def run() -> Value:
            with in_lane("thread", func.origin, adapter=func.role):
                return self.call(func.inner, args, site)

        return Coroutine(run, site.origin)

    # libraries

    def call_library(self, name: str, args: Arguments, site: CallSite) -> Value:
        """Call a library's function or class."""
        interpreter = self.interpreter
        call = LibraryCall(name, interpreter.vocabulary.role(name), args, site)
        handler = interpreter.libraries.calls.get(call.role)
        other = self._any_call(call)
        if handler is not None:
            return handler(interpreter, call)
        if other is not None:
            return other
        interpreter.escapes.mark(args.all(), site.span)
        return self.library_object(name, args, site)

    def _any_call(self, call: LibraryCall) -> Value | None:
        for handler in self.interpreter.libraries.any_call:
            found = handler(self.interpreter, call)
            if found is not None:
                return found
        return None

    def library_object(self, name: str, args: Arguments, site: CallSite) -> LibraryObject:
        """Return a new object of a library, by the name of its class."""
        return LibraryObject(name, args, site.origin, self.interpreter.number(), site.node)

    def _instantiate(self, klass: Klass, args: Arguments, site: CallSite) -> Value:
        interpreter = self.interpreter
        role, name = interpreter.classes.role(klass)
        call = LibraryCall(name, role, args, site, klass)
        handler = interpreter.libraries.calls.get(role)
        for any_class in interpreter.libraries.any_class if handler is None else ():
            found = any_class(interpreter, call)
            if found is not None:
                return found
        made: Value = Object(interpreter.number(), klass)
        if handler is not None:
            made = handler(interpreter, call)
        init = interpreter.attributes.get(made, "__init__", site.span)
        if isinstance(init, Bound):
            self.call(init, args, site)
        elif handler is None and interpreter.classes.may_do_anything(klass):
            interpreter.escapes.mark(args.all(), site.span)
        elif isinstance(made, Object):
            self._fill_fields(made, klass, args, site)
        return made

    def _fill_fields(self, made: Object, klass: Klass, args: Arguments, site: CallSite) -> None:
        """Do what the ``__init__`` of a dataclass does."""
        interpreter = self.interpreter
        fields = interpreter.classes.field_names(klass)
        given = {**dict(zip(fields, args.values, strict=False)), **args.keywords}
        for field in fields:
            declared = interpreter.classes.found_attribute(klass, field)
            if field in given or not isinstance(declared, LibraryObject):
                continue
            options = declared.args.keywords
            factory = options.get("default_factory") or options.get("factory")
            if factory is not None and declared.name in FIELDS:
                given[field] = self.call(factory, Arguments(), site)
        for field, value in given.items():
            interpreter.store.put(made.id, field, value)
        finish = interpreter.attributes.get(made, "__post_init__", site.span)
        if isinstance(finish, Bound):
            self.call(finish, Arguments(), site)

    # methods that aren't project code

    def _call_method(self, receiver: Value, name: str, args: Arguments, site: CallSite) -> Value:
        interpreter = self.interpreter
        call = MethodCall(name, args, site)
        if isinstance(receiver, Method) and isinstance(receiver.receiver, ResourceRef):
            call.name = f"{receiver.name}.{name}"
            receiver = receiver.receiver
        result = self._known_method(receiver, call)
        if result is not None:
            return result
        interpreter.escapes.mark(args.all(), site.span)
        place = site.origin.place
        if isinstance(receiver, Method):
            reason = f"{receiver.name} is set in no place that wslint sees"
            interpreter.recorder.unresolved_method(name, receiver.name, reason, place)
        klass = receiver.klass if isinstance(receiver, Object) else None
        if klass is not None and interpreter.classes.may_do_anything(klass):
            reason = f"a base of {klass.node.name} is in no file that wslint sees"
            interpreter.recorder.unresolved_method(name, klass.node.name, reason, place)
        if isinstance(receiver, LibraryObject):
            if not receiver.name.startswith((*_STAND_INS, *_OTHER_CLIENTS)):
                reason = f"{receiver.name} is in no file that wslint sees"
                if receiver.name.startswith(_ASYNC_CLIENTS):
                    reason = f"{receiver.name} is async, and only sync clients are"
                interpreter.recorder.unresolved_method(name, receiver.name, reason, place)
            return self.library_object(f"{receiver.name}.{name}()", args, site)
        return Unknown("the result of a library's method")

    def _known_method(self, receiver: Value, call: MethodCall) -> Value | None:
        """Return the result of a method, None if nothing is known of it."""
        interpreter, tables = self.interpreter, self.interpreter.libraries
        result: Value | None = None
        if isinstance(receiver, ResourceRef):
            method = tables.methods.get(receiver.resource.role)
            result = method(interpreter, receiver, call) if method is not None else None
        elif isinstance(receiver, LibraryObject):
            handler = tables.object_methods.get(receiver.name)
            result = handler(interpreter, receiver, call) if handler is not None else None
        elif isinstance(receiver, (Items, Table)):
            result = self._container_method(receiver, call)
        elif isinstance(receiver, (Object, Klass)):
            result = self._inherited_method(receiver, call)
        for any_method in tables.any_method if result is None else ():
            result = any_method(interpreter, receiver, call)
            if result is not None:
                break
        return result

    def _inherited_method(self, receiver: Object | Klass, call: MethodCall) -> Value | None:
        interpreter = self.interpreter
        klass = receiver if isinstance(receiver, Klass) else receiver.klass
        if klass is None:
            return None
        if isinstance(receiver, Klass) and call.name == "as_asgi":
            return self.library_object("as_asgi", Arguments([receiver]), call.site)
        for base in interpreter.classes.mro(klass):
            role = interpreter.vocabulary.role(base.name) if isinstance(base, Library) else ""
            handler = interpreter.libraries.inherited_methods.get(role)
            result = handler(interpreter, call) if handler is not None else None
            if result is not None:
                return result
        if interpreter.classes.may_do_anything(klass):
            # a base that can't be read may do anything with what the instance holds
            interpreter.escapes.mark([receiver], call.site.span)
        return None

    def _popped(self, receiver: Items, call: MethodCall) -> Value:
        """Return what is taken from a list; where that is certain, it is no longer in it."""
        given = call.args.get(0)
        at = 0 if call.name == "popleft" else given.value if isinstance(given, Constant) else -1
        known = given is None or isinstance(given, Constant)
        if known and isinstance(at, int) and receiver.exact and not self.interpreter.path:
            if -len(receiver.values) <= at < len(receiver.values):
                return receiver.values.pop(at)
        else:
            receiver.exact = False
        return self.interpreter.attributes.any_item(receiver)

    def _container_method(self, receiver: Items | Table, call: MethodCall) -> Value | None:
        if isinstance(receiver, Items):
            if call.name in ("append", "add", "insert", "appendleft") and call.args.values:
                receiver.values.append(call.args.values[-1])
                receiver.exact = receiver.exact and not self.interpreter.path
                return Constant(None)
            added = call.args.get(0)
            if call.name == "extend" and isinstance(added, Items):
                self.interpreter.step(len(added.values))
                receiver.values.extend(added.values)
                return Constant(None)
            if call.name in ("pop", "popleft"):
                return self._popped(receiver, call)
            return None
        if call.name in ("get", "pop", "setdefault") and call.args.values:
            return self.interpreter.attributes.get_item(receiver, call.args.values[0])
        if call.name == "popitem":
            any_value = Items("list", list(receiver.values.values()))
            value = self.interpreter.attributes.any_item(any_value)
            return Items("tuple", [Unknown("a key"), value])
        if call.name == "keys":
            return Items("list", keys_of(receiver), receiver.exact)
        if call.name == "values":
            return Items("list", list(receiver.values.values()), receiver.exact)
        if call.name == "items":
            pairs: list[Value] = [
                Items("tuple", list(pair))
                for pair in zip(keys_of(receiver), receiver.values.values(), strict=True)
            ]
            return Items("list", pairs, receiver.exact)
        return None
