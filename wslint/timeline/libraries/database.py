"""Django's ORM: which calls surely send a query.

Querysets are lazy: what only narrows one down is no query. Nothing is said of methods of a
project's own managers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from wslint.timeline.interpreter.tables import LibraryCall, LibraryTables, MethodCall
from wslint.timeline.interpreter.values import (
    Arguments,
    CallSite,
    Coroutine,
    Items,
    Klass,
    Library,
    LibraryObject,
    Method,
    Object,
    Unknown,
    Value,
)
from wslint.timeline.libraries.signals import run_receivers

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Interpreter

TABLES = LibraryTables()

QUERYSET = "django.db.models.QuerySet"
INSTANCE = "django.db.models.Model"

_MANAGERS = ("objects", "_default_manager", "_base_manager")
_LAZY = frozenset(
    ("all", "filter", "exclude", "order_by", "values", "values_list", "select_related",
     "prefetch_related", "distinct", "annotate", "using", "only", "defer", "reverse",
     "select_for_update")
)  # fmt: skip
_GIVES_ONE = frozenset(
    ("create", "get", "first", "last", "earliest", "latest", "create_user", "create_superuser")
)
_GIVES_PAIR = frozenset(("get_or_create", "update_or_create"))
_QUERIES = _GIVES_ONE | _GIVES_PAIR | frozenset(
    ("count", "exists", "bulk_create", "bulk_update", "in_bulk", "aggregate", "update", "delete",
     "contains", "explain")
)  # fmt: skip
_OF_INSTANCES = frozenset(("save", "delete", "refresh_from_db"))
# only names that other attributes hardly have
_OF_RELATED = frozenset(("create", "get_or_create", "update_or_create", "exists"))

_GETTERS = ("django.contrib.auth.get_user_model", "django.apps.apps.get_model",
            "swapper.load_model", "waffle.get_waffle_flag_model",
            "waffle.get_waffle_switch_model", "waffle.get_waffle_sample_model",
            "pytest.fixture.django_user_model")  # fmt: skip
_FACTORIES = ("factory.django.DjangoModelFactory", "factory.DjangoModelFactory")
_MAKERS = ("model_bakery.baker.make", "model_mommy.mommy.make")
_CONSUMERS = ("builtins.list", "builtins.len", "builtins.bool", "builtins.sorted",
              "builtins.tuple", "builtins.set")  # fmt: skip
_MODEL = re.compile(r"(?!django\.db\.models\.).+\.models\.[A-Z]\w*")
_QUERY = re.compile(r"(.+)\.(?:objects|_default_manager)\.(\w+)")


def method_query(interpreter: Interpreter, receiver: Value, call: MethodCall) -> Value | None:
    """Return the result of a method of the ORM, None if it is none."""
    is_async, name = _plain(call.name)
    if isinstance(receiver, Klass) and name in ("create", "create_batch"):
        if not _has_base(interpreter, receiver, _FACTORIES.__contains__):
            return None
        return _query(interpreter, name, is_async, call.args, call.site)
    model: Value | None = receiver.klass if isinstance(receiver, Object) else None
    if isinstance(receiver, Method) and not receiver.name.startswith("_meta"):
        model = owner = receiver.receiver
        is_manager = receiver.name in _MANAGERS and _is_model(interpreter, owner)
        if not is_manager and not (name in _OF_RELATED and _is_instance(interpreter, owner)):
            return None
    elif _is_instance(interpreter, receiver):
        return (
            _query(interpreter, name, is_async, call.args, call.site, model)
            if name in _OF_INSTANCES
            else None
        )
    elif not _is_manager(interpreter, receiver):
        return None
    if call.name in _LAZY:
        return _lazy(interpreter, call.args, call.site)
    if name not in _QUERIES:
        return None
    return _query(interpreter, name, is_async, call.args, call.site, model)


def library_query(interpreter: Interpreter, call: LibraryCall) -> Value | None:
    """Return the result of a call of the ORM by a library's name, None if it is none."""
    name, args, site = call.name, call.args, call.site
    if name.removesuffix("()") in _GETTERS and name.endswith("()"):
        return interpreter.calls.library_object(INSTANCE, args, site)
    if name in _MAKERS:
        return _query(interpreter, "create", False, args, site)
    if name in _CONSUMERS:
        given = args.get(0)
        if isinstance(given, LibraryObject) and given.name == QUERYSET:
            _query(interpreter, name.removeprefix("builtins."), False, Arguments(), site)
        return None
    match = _QUERY.fullmatch(name)
    if match is None or not _MODEL.fullmatch(match[1]):
        return None
    if match[2] in _LAZY:
        return _lazy(interpreter, args, site)
    is_async, plain = _plain(match[2])
    return _query(interpreter, plain, is_async, args, site) if plain in _QUERIES else None


@TABLES.object_iterations(QUERYSET)
def iterate(
    interpreter: Interpreter, rows: LibraryObject, site: CallSite, is_async: bool
) -> LibraryObject:
    """``for row in rows``: the query is sent when the loop begins."""
    query = _query(interpreter, "iterate", is_async, Arguments(), site)
    if is_async:
        interpreter.expressions.awaited(query)
    return LibraryObject(INSTANCE, Arguments(), rows.origin, interpreter.number())


def factory_query(interpreter: Interpreter, call: LibraryCall) -> Value | None:
    """Return the row that calling a factory of factory_boy makes, None for another class."""
    if call.klass is None or not _has_base(interpreter, call.klass, _FACTORIES.__contains__):
        return None
    return _query(interpreter, "create", False, call.args, call.site)


def _plain(name: str) -> tuple[bool, str]:
    """Return whether a method is the async form of one, and the name of the sync form."""
    plain = name[1:]
    is_async = name.startswith("a") and plain in _QUERIES | _OF_INSTANCES
    return is_async, plain if is_async else name


def _lazy(interpreter: Interpreter, args: Arguments, site: CallSite) -> Value:
    interpreter.escapes.mark(args.all(), site.span)
    return interpreter.calls.library_object(QUERYSET, args, site)


def _query(
    interpreter: Interpreter,
    name: str,
    is_async: bool,
    args: Arguments,
    site: CallSite,
    model: Value | None = None,
) -> Value:
    """Record a query; that of an async method is sent when its coroutine is driven."""
    interpreter.escapes.mark(args.all(), site.span)
    hook = next(
        (f.function.name for f in interpreter.frames if f.kind == "setup" and f.function), ""
    )
    origin = site.origin

    def run() -> Value:
        query = interpreter.recorder.event("Orm", name, None, site)
        query.awaited, query.hook = is_async, hook
        run_receivers(interpreter, model if isinstance(model, Klass) else None, name, site)
        one = LibraryObject(INSTANCE, Arguments(), origin, interpreter.number())
        if name in _GIVES_ONE:
            return one
        if name in _GIVES_PAIR:
            return Items("tuple", [one, Unknown("whether it was made")])
        return Unknown("what a query gives")

    return Coroutine(run, origin) if is_async else run()


def _has_base(interpreter: Interpreter, klass: Klass, wanted: Callable[[str], bool]) -> bool:
    return any(
        isinstance(base, Library) and wanted(base.name) for base in interpreter.classes.mro(klass)
    )


def _is_model(interpreter: Interpreter, value: Value) -> bool:
    """Return whether a value is a model class."""
    if isinstance(value, Klass):
        return _has_base(interpreter, value, _names_model)
    if isinstance(value, LibraryObject):
        return value.name in _GETTERS
    return isinstance(value, Library) and _names_model(value.name)


def _names_model(name: str) -> bool:
    return name in (INSTANCE, "django.db.models.base.Model") or bool(_MODEL.fullmatch(name))


def _is_instance(interpreter: Interpreter, value: Value) -> bool:
    """Return whether a value is a row."""
    if isinstance(value, LibraryObject):
        return _names_model(value.name) or value.name == "pytest.fixture.admin_user"
    return (
        isinstance(value, Object)
        and value.klass is not None
        and _is_model(interpreter, value.klass)
    )


def _is_manager(interpreter: Interpreter, value: Value) -> bool:
    """Return whether a value is a manager or a queryset."""
    if isinstance(value, LibraryObject):
        return value.name in (QUERYSET, "django.db.models.Manager",
                              "django.contrib.auth.models.UserManager")  # fmt: skip
    return (
        isinstance(value, Object)
        and value.klass is not None
        and _has_base(interpreter, value.klass, _names_manager)
    )


def _names_manager(name: str) -> bool:
    return name.startswith("django.") and name.endswith("Manager")


TABLES.any_call.append(library_query)
TABLES.any_class.append(factory_query)
TABLES.any_method.append(method_query)
