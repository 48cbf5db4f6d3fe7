"""Django's sync test client: made by hand, of a test case (``self.client``), or a fixture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslint.timeline.interpreter.tables import LibraryTables, MethodCall
from wslint.timeline.interpreter.values import LibraryObject, Method, Object, Value
from wslint.vocabulary import HTTP_METHODS

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Interpreter

TABLES = LibraryTables()

_CLIENTS = ("django.test.Client", "django.test.client.Client", "rest_framework.test.APIClient",
            "pytest.fixture.client", "pytest.fixture.admin_client")  # fmt: skip
_TEST_CASES = ("DjangoTestCase", "TransactionTestCase", "SimpleTestCase")
_METHODS = HTTP_METHODS | {"login", "force_login", "logout"}


@TABLES.object_methods(*_CLIENTS)
def client_method(
    interpreter: Interpreter, client: LibraryObject, call: MethodCall
) -> Value | None:
    """Requests run the view in the thread of the test; a login writes to the database."""
    if call.name not in _METHODS:
        return None
    interpreter.recorder.event("DjangoClient", call.name, None, call.site)
    return interpreter.calls.library_object("django.http.HttpResponse", call.args, call.site)


def own_client_method(interpreter: Interpreter, receiver: Value, call: MethodCall) -> Value | None:
    """``self.client.get(…)`` of Django's test cases."""
    owner = receiver.receiver if isinstance(receiver, Method) else None
    if not isinstance(owner, Object) or owner.klass is None:
        return None
    is_client = isinstance(receiver, Method) and receiver.name == "client"
    if not is_client or interpreter.classes.role(owner.klass)[0] not in _TEST_CASES:
        return None
    return client_method(interpreter, LibraryObject("", call.args, call.site.origin, 0), call)


TABLES.any_method.append(own_client_method)
