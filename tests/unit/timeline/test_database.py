"""Which calls count as queries, and what WS104 makes of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from verdicts import expected, project, trace, write

from wslint.config.settings import Selection, Settings
from wslint.run import check as engine

MODELS = """
--- models.py
from django.db import models
class TicketManager(models.Manager):
    def oldest(self):
        return self.order_by("id").first()
class Ticket(models.Model):
    objects = TicketManager()
class Row:
    objects = []
--- factories.py
import factory
from models import Ticket
class TicketFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Ticket
"""
IMPORTS = """
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from model_bakery import baker
from factories import TicketFactory
from models import Row, Ticket
"""
QUERIES = {
    "Ticket.objects.create(a=1)": ["create"],
    "Ticket.objects.filter(a=1).order_by('a').first()": ["first"],
    "Ticket.objects.filter(a=1)": [],
    "list(Ticket.objects.all())": ["list"],
    "Ticket.objects.none().count()": [],
    "Ticket.objects.oldest()": [],
    "Ticket(a=1).save()": ["save"],
    "Ticket(a=1)": [],
    "Ticket.objects.get(a=1).refresh_from_db()": ["get", "refresh_from_db"],
    "ticket, made = Ticket.objects.get_or_create(a=1); ticket.delete()": [
        "get_or_create",
        "delete",
    ],
    "Ticket.objects.get(a=1).comments.create(b=2)": ["get", "create"],
    "Ticket.objects.get(a=1).comments.count('b')": ["get"],
    "get_user_model().objects.create_user('ada')": ["create_user"],
    "User.objects.filter(a=1).exists()": ["exists"],
    "User.objects.get(a=1).save()": ["get", "save"],
    "User(a=1).save()": ["save"],
    "TicketFactory()": ["create"],
    "TicketFactory.create_batch(3)": ["create_batch"],
    "TicketFactory.build()": [],
    "baker.make('Ticket')": ["create"],
    "Row.objects.count(1)": [],
    "server.Thing.objects.create()": [],
    "Ticket.objects.acreate(a=1)": [],
    "async_to_sync(Ticket.objects.acreate)(a=1)": ["create"],
    "async_to_sync(sync_to_async(Ticket.objects.count))()": ["count"],
    "async_to_sync(lambda: Ticket.objects.filter(a=1).acount())()": ["count"],
}


@pytest.mark.parametrize(("line", "names"), QUERIES.items(), ids=list(QUERIES))
def test_queries(line: str, names: list[str], tmp_path: Path) -> None:
    text = f"{IMPORTS}\ndef test_it():\n    {line}\n{MODELS}"
    timeline = trace(tmp_path, text)["test_it"]
    assert [event.name for event in timeline.events_of("Orm")] == names


SILENT_OR_NOT = {
    "an override is WS101's": """
        from models import Ticket

        @pytest.mark.django_db
        @override_flag("chat", active=True)  # WS101
        def test_it():
            TALK
            Ticket.objects.count()
    """,
    "any thread": """
        from models import Ticket

        @pytest.mark.django_db
        def test_it():
            TALK
            async_to_sync(sync_to_async(Ticket.objects.count, thread_sensitive=False))()
    """,
    "a loop of asyncio.run": """
        from models import Ticket

        @pytest.mark.django_db
        def test_it():
            TALK
            async def count():
                await sync_to_async(Ticket.objects.count)()
                await Ticket.objects.acount()
            asyncio.run(count())
    """,
    "in one arm": """
        from models import Ticket

        def talks():
            return bool(input())

        @pytest.mark.django_db
        def test_it():
            if talks():
                TALK
            Ticket.objects.count()

        @pytest.mark.django_db
        def test_both():
            if talks():
                TALK
                Ticket.objects.count()  # WS104
    """,
    "an application that isn't read": """
        from models import Ticket
        from somewhere import application

        @pytest.mark.django_db
        def test_it():
            async def talk():
                communicator = WebsocketCommunicator(application, "/ws/")
                connected, _ = await communicator.connect()
                assert connected
                await communicator.disconnect()
            async_to_sync(talk)()
            Ticket.objects.count()
    """,
    "routers": """
        from channels.auth import AuthMiddlewareStack
        from channels.routing import ProtocolTypeRouter, URLRouter
        from django.urls import path
        from models import Ticket

        urls = [path("ws/", ChatConsumer.as_asgi())]
        application = ProtocolTypeRouter({"websocket": AuthMiddlewareStack(URLRouter(urls))})

        @pytest.mark.django_db
        def test_it():
            async def talk():
                communicator = WebsocketCommunicator(application, "/ws/")
                connected, _ = await communicator.connect()
                assert connected
                await communicator.disconnect()
            async_to_sync(talk)()
            Ticket.objects.count()  # WS104
    """,
    "the next test is skipped": """
        from models import Ticket

        class TicketTests(TestCase):
            def setUp(self):
                Ticket.objects.create()

            def test_a(self):
                TALK

            @pytest.mark.skip
            def test_b(self):
                pass
    """,
    "tearDown": """
        from models import Ticket

        class TicketTests(TestCase):
            def tearDown(self):
                Ticket.objects.all().delete()  # WS104

            def test_a(self):
                TALK
    """,
}


@pytest.mark.parametrize("text", SILENT_OR_NOT.values(), ids=list(SILENT_OR_NOT))
def test_closed_connection(text: str, tmp_path: Path) -> None:
    files = {**project(text), **{k: v for k, v in project(MODELS).items() if k == "models.py"}}
    write(tmp_path, files)
    chosen = Selection(select=("WS101", "WS104"))
    report = engine.check([str(tmp_path)], Settings(selections=(chosen,)))
    assert not report.errors
    seen = {(Path(f.path).name, f.span.line, f.code) for f in report.findings}
    assert seen == expected(files)


def test_an_override_is_another_rules_even_alone(tmp_path: Path) -> None:
    text = '@pytest.mark.django_db\n@override_flag("a", active=True)\ndef test_a():\n    TALK\n'
    files = project(f"from models import Ticket\n{text}    Ticket.objects.count()\n{MODELS}")
    write(tmp_path, files)
    settings = Settings(selections=(Selection(select=("WS104",)),))
    assert engine.check([str(tmp_path)], settings).findings == ()


def test_in_memory_the_fault_cannot_show(tmp_path: Path) -> None:
    text = (
        "class T(TestCase):\n    def test_a(self):\n        TALK\n        Ticket.objects.count()\n"
    )
    files = project(f"from models import Ticket\n{text}{MODELS}")
    write(tmp_path, files)
    settings = Settings(selections=(Selection(select=("WS104",)),))
    assert len(engine.check([str(tmp_path)], settings).findings) == 1
    in_memory = Settings(selections=settings.selections, test_database="sqlite-memory")
    assert engine.check([str(tmp_path)], in_memory).findings == ()
