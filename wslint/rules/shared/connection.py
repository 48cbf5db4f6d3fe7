"""When Channels surely closes the connection of a test, and what then needs it."""

from __future__ import annotations

from collections.abc import Iterator

from wslint.rules.shared.handlers import evaluated, names_read
from wslint.syntax import nodes as s
from wslint.timeline.model import Consumer, Event, Lane, Moment, Scope, Timeline

_DRIVEN = ("AsyncToSync", "django")
_ADAPTER = "database_sync_to_async"
_SENDS = ("send_to", "send_json_to", "send_input")


def closed_at(timeline: Timeline, communicator: Scope) -> list[Moment]:
    """Give the moments behind which the connection is surely closed; none where it isn't seen.

    Since Channels 4.2 every consumer closes it when it is disconnected; before, only what runs
    in a thread through ``database_sync_to_async`` does, as each method of a sync consumer (run).
    """
    consumers = timeline.resources[communicator.subject].consumers
    if not consumers:
        return []
    if timeline.environment.version("channels") >= (4, 2):
        return communicator.closings
    uses = [e for e in timeline.events_of("Communicator") if e.subject == communicator.subject]
    if all(_works_in_thread(consumer, uses) for consumer in consumers):
        return [use.at for use in uses[:1]]
    return []


def _works_in_thread(consumer: Consumer, uses: list[Event]) -> bool:
    """Tell whether a consumer surely runs database code in a thread when it is used like this."""
    return consumer.role == "SyncConsumer" or next(jobs(consumer, uses), None) is not None


def jobs(consumer: Consumer, uses: list[Event]) -> Iterator[s.Function | None]:
    """Give what an async consumer surely runs through ``database_sync_to_async``.

    None stands for a function that isn't a method of its class.
    """
    body = consumer.node.body if consumer.node is not None else ()
    methods = {one.name: one for one in body if isinstance(one, s.Function)}
    entries = ["connect"]
    if any(use.name in _SENDS for use in uses):
        entries += ["receive", "receive_json"]
    for entry in (methods[name] for name in entries if name in methods):
        for expr in evaluated(entry.body):
            for ref, is_called in names_read(expr):
                inner = methods.get(ref.parts[-1]) if len(ref.parts) == 2 else None
                if is_called and ref.parts[-1] == _ADAPTER:
                    yield None
                elif is_called and inner is not None and _is_adapted(inner):
                    yield inner


def _is_adapted(method: s.Function) -> bool:
    refs = [d.func if isinstance(d, s.Call) else d for d in method.decorators]
    return any(isinstance(ref, s.Ref) and ref.parts[-1] == _ADAPTER for ref in refs)


def queries(timeline: Timeline) -> Iterator[tuple[Event, Lane]]:
    """Give what needs the connection of a sync test's own thread, with the lane that asks.

    What an async test of pytest runs in a thread has a connection of its own.
    """
    for event in timeline.events_of("Orm"):
        lane = timeline.lanes[event.at.lane]
        while lane.kind == "task" and lane.parent is not None:
            lane = timeline.lanes[lane.parent]
        loop = lane
        if lane.kind == "thread" and lane.adapter in ("SyncToAsync", "DatabaseSyncToAsync"):
            loop = timeline.lanes[lane.parent or 0]
            while loop.kind == "task" and loop.parent is not None:
                loop = timeline.lanes[loop.parent]
        elif lane.kind != "main" and not event.awaited:
            continue
        if loop.kind == "main" or (loop.kind == "loop" and loop.adapter in _DRIVEN):
            yield event, lane


def own_queries(timeline: Timeline, communicator: Scope) -> Iterator[s.Function]:
    """Give the methods of the consumers that surely send queries through the adapter."""
    consumers = timeline.resources[communicator.subject].consumers
    uses = [e for e in timeline.events_of("Communicator") if e.subject == communicator.subject]
    for job in jobs(consumers[0], uses) if len(consumers) == 1 else ():
        read = [ref for expr in evaluated(job.body if job else ()) for ref, _ in names_read(expr)]
        if job is not None and any("objects" in ref.parts for ref in read):
            yield job
