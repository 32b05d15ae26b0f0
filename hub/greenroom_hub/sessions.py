"""Sessions: one proctored sitting each, moved through its life by actions that are history."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

import msgspec
import sqlalchemy as sa
from greenroom_proctor.messages import Clock, Milliseconds
from greenroom_proctor.words import Action, Seat, State
from sqlalchemy import Connection
from tornado.log import app_log

from greenroom_hub import clock, life, seats
from greenroom_hub.clock import Mark
from greenroom_hub.moment import Now
from greenroom_hub.people import Who
from greenroom_hub.policy import Policy
from greenroom_hub.record import Record
from greenroom_hub.store import tables
from greenroom_hub.store.database import Store
from greenroom_hub.templates import Templates, TemplateVersion

# Without letters and digits that look alike: people read these names to each other.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
PATTERN = "s-[a-z0-9]{10}"

Listener = Callable[["Session", Action], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Session:
    """One sitting as it stands now. `clock` was right when it was asked for."""

    id: str
    title: str
    candidate: str
    state: State
    duration: float
    policy: Policy
    template: TemplateVersion
    author: str
    created: Milliseconds
    history: tuple[Mark, ...]
    clock: Clock

    @property
    def deadline(self) -> Milliseconds | None:
        """When the time runs out, while it runs."""
        return clock.deadline(self.duration, self.history) if self.state is State.LIVE else None

    def at(self, now: Milliseconds) -> Session:
        """The same session with the clock as it stands at `now`."""
        return replace(self, clock=clock.clock(self.duration, self.history, now))

    def when(self, action: Action) -> Milliseconds | None:
        """When something last happened to the session."""
        return next((mark.at for mark in reversed(self.history) if mark.action is action), None)


class Sessions:
    """All sessions. Every change is a row of history, durable before anybody hears of it."""

    def __init__(self, store: Store, now: Now, templates: Templates, seating: seats.Seats, record: Record) -> None:
        self._store = store
        self._now = now
        self._templates = templates
        self._seating = seating
        self._record = record
        self._known: dict[str, Session] = {}
        self._listeners: list[Listener] = []

    def on_change(self, listener: Listener) -> None:
        """Calls `listener` after every action, in the order of registration."""
        self._listeners.append(listener)

    async def create(
        self,
        *,
        title: str,
        candidate: str,
        template: TemplateVersion,
        author: str,
        interviewers: Sequence[str] = (),
        duration: float | None = None,
        policy: Policy | None = None,
        draft: bool = False,
    ) -> Session:
        """A new session, scheduled unless it is to stay a draft. Its author and the interviewers get seats."""
        held = policy or template.settings.policy
        public, reasons = held.public()
        id = "s-" + "".join(secrets.choice(_ALPHABET) for _ in range(10))
        at = self._now()
        values = {
            "id": id,
            "title": title,
            "candidate": candidate,
            "state": State.DRAFT,
            "template_version": template.id,
            "policy": msgspec.json.encode(held, order="sorted").decode(),
            "duration": duration or template.settings.duration,
            "author": author,
            "created": at,
        }

        def work(connection: Connection) -> dict[str, object]:
            connection.execute(tables.session.insert().values(values))
            for name in dict.fromkeys((author, *interviewers)):
                seats.put(connection, id, name, Seat.INTERVIEWER, at)
            return {"template": template.id, "policy": public}

        private = {"title": title, "candidate": candidate, **reasons}
        await self._record.append(id, "session.created", work, private=private, actor=author)
        if draft:
            return await self.get(id)
        session = await self.act(id, Action.SCHEDULE, author)
        if more := held.more_seconds:  # history, as any other extra time
            return await self.act(id, Action.EXTEND, author, seconds=more, reason="accommodation")
        return session

    async def get(self, id: str) -> Session:
        """One session, its clock as of now. LookupError when there is none."""
        if id not in self._known:
            await self._load(tables.session.c.id == id)
        if id not in self._known:
            raise LookupError(f"there is no session {id}")
        return self._known[id].at(self._now())

    def loaded(self, id: str) -> Session:
        """A session that somebody got before. Its clock stands where it was last looked at."""
        return self._known[id]

    async def list(self) -> list[Session]:
        """Every session, newest first."""
        await self._load(sa.true())
        newest = sorted(self._known.values(), key=lambda one: (one.created, one.id), reverse=True)
        return [one.at(self._now()) for one in newest]

    def known(self) -> tuple[Session, ...]:
        """The sessions in memory: after `list`, all of them. Their clocks stand where they were last looked at."""
        return tuple(self._known.values())

    async def seat(self, id: str, who: Who) -> Seat | None:
        """Somebody's seat in a session."""
        return await self._seating.of(id, who)

    async def act(self, id: str, action: Action, actor: str, **data: object) -> Session:
        """Moves a session on. Refusal when its state does not allow it; `data` is kept with the history."""
        await self.get(id)
        mark = Mark(action, self._now(), _seconds(data))

        def work(connection: Connection) -> dict[str, object]:
            return {"state": _act(connection, id, mark, actor, data), **data}

        event = await self._record.append(id, f"session.{action}", work, actor=actor)
        before = self._known[id]
        self._known[id] = replace(before, state=State(str(event.body["state"])), history=(*before.history, mark))
        session = await self.get(id)
        await self._tell(session, action)
        return session

    async def _tell(self, session: Session, action: Action) -> None:
        for listener in self._listeners:
            try:
                await listener(session, action)
            except Exception:  # noqa: BLE001 - logged with its trace
                # The change is a fact by now: one part that failed must not keep the others from hearing of it.
                app_log.exception("%s after %s: %r failed", session.id, action, listener)

    async def _load(self, which: sa.ColumnElement[bool]) -> None:
        def work(connection: Connection) -> list[tuple[sa.Row, tuple[Mark, ...]]]:  # type: ignore[type-arg]
            rows = connection.execute(sa.select(tables.session).where(which)).all()
            return [(row, _history(connection, row.id)) for row in rows if row.id not in self._known]

        for row, history in await self._store.run(work):
            template = await self._templates.version(row.template_version)
            if row.id not in self._known:
                self._known[row.id] = _session(row, history, template)


def _seconds(data: dict[str, object]) -> float:
    seconds = data.get("seconds", 0.0)
    return float(seconds) if isinstance(seconds, (int, float)) else 0.0


def _act(connection: Connection, id: str, mark: Mark, actor: str, data: dict[str, object]) -> State:
    table = tables.session
    found = connection.execute(sa.select(table.c.state).where(table.c.id == id).with_for_update()).scalar()
    if found is None:
        raise LookupError(f"there is no session {id}")
    state = life.step(State(found), mark.action)
    connection.execute(table.update().where(table.c.id == id).values(state=state))
    history = tables.session_history
    newest = sa.select(sa.func.coalesce(sa.func.max(history.c.seq), 0)).where(history.c.session == id)
    row = {"session": id, "seq": connection.execute(newest).scalar_one() + 1, "at": mark.at, "action": mark.action}
    text = msgspec.json.encode(data, order="sorted").decode()
    connection.execute(history.insert().values(**row, actor=actor, state=state, data=text))
    return state


def _history(connection: Connection, id: str) -> tuple[Mark, ...]:
    table = tables.session_history
    rows = connection.execute(sa.select(table).where(table.c.session == id).order_by(table.c.seq))
    return tuple(Mark(Action(row.action), row.at, _seconds(msgspec.json.decode(row.data))) for row in rows)


def _session(row: sa.Row, history: tuple[Mark, ...], template: TemplateVersion) -> Session:  # type: ignore[type-arg]
    policy = msgspec.json.decode(row.policy, type=Policy)
    return Session(
        id=row.id,
        title=row.title,
        candidate=row.candidate,
        state=State(row.state),
        duration=row.duration,
        policy=policy,
        template=template,
        author=row.author,
        created=row.created,
        history=history,
        clock=clock.clock(row.duration, history, row.created),
    )
