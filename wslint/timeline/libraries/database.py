"""Django's ORM: which calls surely send a query.

Querysets are lazy: what only narrows one down is no query. Methods of managers that the project
has written itself are its own affair.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from wslint.findings.span import Span
from wslint.timeline.interpreter.values import (
    Arguments,
    Coroutine,
    Items,
    Klass,
    Library,
    Made,
    Method,
    Object,
    Unknown,
    Value,
)
from wslint.timeline.libraries.tables import MethodCall

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Machine

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
# what another name's attribute may be too is left out
_OF_RELATED = frozenset(("create", "get_or_create", "update_or_create", "exists"))

_GETTERS = ("django.contrib.auth.get_user_model", "django.apps.apps.get_model",
            "swapper.load_model", "waffle.get_waffle_flag_model",
            "waffle.get_waffle_switch_model", "waffle.get_waffle_sample_model")  # fmt: skip
_FACTORIES = ("factory.django.DjangoModelFactory", "factory.DjangoModelFactory")
_MAKERS = ("model_bakery.baker.make", "model_mommy.mommy.make")
_CONSUMERS = ("builtins.list", "builtins.len", "builtins.bool", "builtins.sorted",
              "builtins.tuple", "builtins.set")  # fmt: skip
_MODEL = re.compile(r"(?!django\.db\.models\.).+\.models\.[A-Z]\w*")
_QUERY = re.compile(r"(.+)\.(?:objects|_default_manager)\.(\w+)")


def method_query(m: Machine, receiver: Value, call: MethodCall) -> Value | None:
    """Give the value of a method of the ORM; None where it is none."""
    is_async, name = _plain(call.name)
    if isinstance(receiver, Klass) and name in ("create", "create_batch"):
        if not _has_base(m, receiver, _FACTORIES.__contains__):
            return None
        return _query(m, name, is_async, call.args, call.span)
    if isinstance(receiver, Method) and not receiver.name.startswith("_meta"):
        owner = receiver.receiver
        is_manager = receiver.name in _MANAGERS and _is_model(m, owner)
        if not is_manager and not (name in _OF_RELATED and _is_instance(m, owner)):
            return None
    elif _is_instance(m, receiver):
        return _query(m, name, is_async, call.args, call.span) if name in _OF_INSTANCES else None
    elif not _is_manager(m, receiver):
        return None
    if call.name in _LAZY:
        return _lazy(m, call.args, call.span)
    return _query(m, name, is_async, call.args, call.span) if name in _QUERIES else None


def library_query(m: Machine, name: str, args: Arguments, span: Span) -> Value | None:
    """Give the value of a call of the ORM by a library's name; None where it is none."""
    if name in _MAKERS:
        return _query(m, "create", False, args, span)
    if name in _CONSUMERS:
        given = args.get(0)
        if isinstance(given, Made) and given.name == QUERYSET:
            _query(m, name.removeprefix("builtins."), False, Arguments(), span)
        return None
    match = _QUERY.fullmatch(name)
    if match is None or not _MODEL.fullmatch(match[1]):
        return None
    if match[2] in _LAZY:
        return _lazy(m, args, span)
    is_async, plain = _plain(match[2])
    return _query(m, plain, is_async, args, span) if plain in _QUERIES else None


def factory_query(m: Machine, klass: Klass, args: Arguments, span: Span) -> Value | None:
    """Give the row that calling a factory of factory_boy makes; None for another class."""
    if not _has_base(m, klass, _FACTORIES.__contains__):
        return None
    return _query(m, "create", False, args, span)


def _plain(name: str) -> tuple[bool, str]:
    """Tell whether a method is the async form of one, and give the plain name."""
    plain = name[1:]
    is_async = name.startswith("a") and plain in _QUERIES | _OF_INSTANCES
    return is_async, plain if is_async else name


def _lazy(m: Machine, args: Arguments, span: Span) -> Value:
    m.escape(args.all(), span)
    return Made(QUERYSET, args, m.origin(span), m.number())


def _query(m: Machine, name: str, is_async: bool, args: Arguments, span: Span) -> Value:
    """Record a query; one of an async method is sent when its coroutine is driven."""
    m.escape(args.all(), span)
    hook = next((f.function.name for f in m.frames if f.kind == "setup" and f.function), "")
    site = m.site(span)
    origin = site.origin

    def run() -> Value:
        query = m.event("Orm", name, None, site)
        query.awaited, query.hook = is_async, hook
        one = Made(INSTANCE, Arguments(), origin, m.number())
        if name in _GIVES_ONE:
            return one
        if name in _GIVES_PAIR:
            return Items("tuple", [one, Unknown("whether it was made")])
        return Unknown("what a query gives")

    return Coroutine(run, origin) if is_async else run()


def _has_base(m: Machine, klass: Klass, wanted: Callable[[str], bool]) -> bool:
    return any(isinstance(base, Library) and wanted(base.name) for base in m.mro(klass))


def _is_model(m: Machine, value: Value) -> bool:
    """Tell whether a value is a class of Django's models."""
    if isinstance(value, Klass):
        return _has_base(m, value, _names_model)
    if isinstance(value, Made):
        return value.name in _GETTERS
    return isinstance(value, Library) and _names_model(value.name)


def _names_model(name: str) -> bool:
    return name in (INSTANCE, "django.db.models.base.Model") or bool(_MODEL.fullmatch(name))


def _is_instance(m: Machine, value: Value) -> bool:
    """Tell whether a value is a row."""
    if isinstance(value, Made):
        return _names_model(value.name)
    return isinstance(value, Object) and value.klass is not None and _is_model(m, value.klass)


def _is_manager(m: Machine, value: Value) -> bool:
    """Tell whether a value is a manager or a queryset."""
    if isinstance(value, Made):
        return value.name in (QUERYSET, "django.db.models.Manager",
                              "django.contrib.auth.models.UserManager")  # fmt: skip
    return (
        isinstance(value, Object)
        and value.klass is not None
        and _has_base(m, value.klass, _names_manager)
    )


def _names_manager(name: str) -> bool:
    return name.startswith("django.") and name.endswith("Manager")
