"""REST: sessions, and what moves them through their life."""

from __future__ import annotations

from typing import ClassVar

import msgspec
from greenroom_proctor.words import Action, Role, Seat, State

from greenroom_hub import life
from greenroom_hub.moment import now
from greenroom_hub.sessions import Session
from greenroom_hub.web.access import Access
from greenroom_hub.web.api.shapes import Extension, NewSession, Reason, SessionView
from greenroom_hub.web.denied import Denied
from greenroom_hub.web.handler import Handler
from greenroom_hub.web.operation import Operation
from greenroom_hub.web.paths import API, ONE


class SessionsHandler(Handler):
    """The sessions that somebody may see."""

    access: ClassVar = {"GET": Access.STAFF, "POST": Access.STAFF}
    operations: ClassVar = {
        "GET": Operation("The sessions in which you have a seat; every session for an admin", list[SessionView]),
        "POST": Operation("Make a session from a template", SessionView, NewSession, 201),
    }

    async def get(self) -> None:
        """The list, newest first."""
        mine = await self.house.seats.sessions(self.who.name)
        all_of_them = self.who.role is Role.ADMIN
        seen = [one for one in await self.house.sessions.list() if all_of_them or one.id in mine]
        self.answer([await self._view(one, mine.get(one.id)) for one in seen])

    async def post(self) -> None:
        """A new session, scheduled."""
        new = self.body(NewSession)
        for name in new.interviewers:
            await self.house.people.get(name)
        template = await self.house.templates.current(new.template)
        session = await self.house.sessions.create(
            title=new.title or template.title,
            candidate=new.candidate,
            template=template,
            author=self.who.name,
            interviewers=new.interviewers,
            duration=new.duration,
            policy=new.policy,
        )
        self.answer(await self._view(session, Seat.INTERVIEWER), 201)

    async def _view(self, session: Session, seat: Seat | None) -> SessionView:
        return view(session, seat, await self.house.seats.list(session.id))


class SessionHandler(Handler):
    """One session."""

    access: ClassVar = {"GET": Access.LOOK}
    operations: ClassVar = {"GET": Operation("A session as it stands now", SessionView)}

    async def get(self, session: str) -> None:
        """The candidate is not told who else has a seat: presence in the room shows who is there."""
        found = await self.house.sessions.get(session)
        seats = {} if self.seat is Seat.CANDIDATE else await self.house.seats.list(session)
        self.answer(view(found, self.seat, seats))


class ActionHandler(Handler):
    """Something done to a session. Each action is a route of its own, with its own circle."""

    action: ClassVar[Action]
    shape: ClassVar[type[msgspec.Struct]] = Reason

    async def post(self, session: str) -> None:
        """Does it. 409 when the session's state does not allow it."""
        data = msgspec.to_builtins(self.body(self.shape)) if self.request.body else {}
        await self.check(session)
        after = await self.house.sessions.act(session, self.action, self.actor, **data)
        seats = {} if self.seat is Seat.CANDIDATE else await self.house.seats.list(session)
        self.answer(view(after, self.seat, seats))

    async def check(self, session: str) -> None:
        """What else must hold. Nothing, for most."""


def _action(action: Action, summary: str, access: Access) -> type[ActionHandler]:
    operation = Operation(summary, SessionView, Reason)
    values = {"action": action, "access": {"POST": access}, "operations": {"POST": operation}, "__doc__": summary}
    return type(f"{action.title()}Handler", (ActionHandler,), values)


class ExtendHandler(ActionHandler):
    """Gives extra time, or takes some back."""

    action = Action.EXTEND
    shape = Extension
    access: ClassVar = {"POST": Access.STEER}
    operations: ClassVar = {"POST": Operation("Give extra time, or take some back", SessionView, Extension)}

    async def check(self, session: str) -> None:  # noqa: ARG002 - others need it
        """An extension without seconds is none."""
        if not self.request.body:
            raise Denied(400, "The extension was not made", "no seconds were given", 'Send {"seconds": 600}.')


class ArriveHandler(ActionHandler):
    """The candidate has agreed, checked their device and waits at the door. Arriving again changes nothing."""

    action = Action.ARRIVE
    access: ClassVar = {"POST": Access.CANDIDATE}
    operations: ClassVar = {"POST": Operation("Enter the lobby; needs accepted consent", SessionView, Reason)}

    async def post(self, session: str) -> None:
        """Into the lobby."""
        assert self.session is not None
        if self.session.state in {State.LOBBY, State.LIVE, State.PAUSED}:
            self.answer(view(self.session, self.seat, {}))
            return
        await super().post(session)

    async def check(self, session: str) -> None:
        """Nobody is recorded who has not agreed."""
        consent = await self.house.consents.last(session)
        if consent is None or not consent.accepted:
            found = "no answer was given yet" if consent is None else "you declined"
            raise Denied(409, "The lobby is for candidates who have agreed to what is recorded", found)


def view(session: Session, seat: Seat | None, seats: dict[str, Seat]) -> SessionView:
    """What somebody in this seat reads."""
    return SessionView(
        id=session.id,
        title=session.title,
        candidate=session.candidate,
        state=session.state,
        clock=session.clock,
        now=now(),
        actions=sorted(life.allowed(session.state)),
        policy=session.policy,
        template=session.template.template,
        template_version=session.template.id,
        created=session.created,
        seat=seat,
        seats=seats,
    )


_ACTIONS = {
    "open": _action(Action.OPEN, "Open the door: the clock starts", Access.STEER),
    "pause": _action(Action.PAUSE, "Stop the clock", Access.STEER),
    "resume": _action(Action.RESUME, "Let the clock run again", Access.STEER),
    "extend": ExtendHandler,
    "end": _action(Action.TERMINATE, "End the session now; what is there is taken in", Access.STEER),
    "cancel": _action(Action.CANCEL, "Call off a session that has not begun", Access.STEER),
    "miss": _action(Action.MISS, "Note that the candidate did not come", Access.STEER),
    "arrive": ArriveHandler,
    "submit": _action(Action.SUBMIT, "Hand in", Access.CANDIDATE),
}

routes = [
    (f"{API}/sessions", SessionsHandler),
    (ONE, SessionHandler),
    *((f"{ONE}/{name}", handler) for name, handler in _ACTIONS.items()),
]
