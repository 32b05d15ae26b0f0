"""Who may call which address in which state: one table, written down and not derived from the service.

A row says who is let in, in which of the session's states, and what they are answered. Everybody else is refused, in
every state. An address that is served and not in this table fails the test, and so does a row that nothing serves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from greenroom_proctor.words import State

ALL = frozenset(State)
BEFORE = frozenset({State.DRAFT, State.SCHEDULED, State.LOBBY})
ENDED = frozenset({State.SUBMITTED, State.EXPIRED, State.TERMINATED, State.REVIEW, State.FINAL, State.APPEAL})
OPEN = frozenset({State.LIVE, State.PAUSED})

STEERED = OPEN | {State.SCHEDULED, State.LOBBY}  # when interviewers write in the notebook

# Everybody who comes to the door. `guest` is the candidate's own server, with the token that the hub gave it.
PEOPLE = ("candidate", "interviewer", "observer", "admin", "other staff", "other candidate", "guest", "nobody", "hub")
SEATED = frozenset({"candidate", "interviewer", "observer"})
STAFF = frozenset({"interviewer", "observer", "admin", "other staff"})
STEER = frozenset({"interviewer", "admin"})
PANEL = STEER | {"observer"}
LOOK = PANEL | {"candidate"}
INTERVIEWER = frozenset({"interviewer"})
KNOWN = STAFF | {"candidate", "other candidate"}
ADMIN, CANDIDATE, HUB = frozenset({"admin"}), frozenset({"candidate"}), frozenset({"hub"})
ANYONE = frozenset(PEOPLE)

# When a seat may be in the room at all
ROOM: Mapping[str, frozenset[State]] = {
    "candidate": OPEN | ENDED,
    "interviewer": OPEN | ENDED | {State.SCHEDULED, State.LOBBY},
    "observer": OPEN | ENDED | {State.LOBBY},
}
# When a seat may write in it, and so interrupt and restart the kernel
WRITE: Mapping[str, frozenset[State]] = {
    "candidate": frozenset({State.LIVE}),
    "interviewer": OPEN | {State.LOBBY},
}  # early, there is no kernel: 409

# When a seat may connect for a call
CALL: Mapping[str, frozenset[State]] = {
    "candidate": OPEN,
    "interviewer": OPEN | {State.LOBBY},
    "observer": OPEN | {State.LOBBY},
}


@dataclass(frozen=True)
class Row:
    """One method of one address. `when`: the states in which each of those let in is answered `then`; otherwise 409.
    `then` may differ by person. `enter`: where they are let in and yet refused, outside of `when`, with 403. `changes`:
    something happens, so each call gets a session of its own."""

    method: str
    path: str
    who: frozenset[str]
    then: int | Mapping[str, int] = 200
    when: Mapping[str, frozenset[State]] = field(default_factory=dict)
    body: Any = None
    changes: bool = False
    socket: bool = False
    enter: Mapping[str, frozenset[State]] = field(default_factory=dict)

    def expected(self, person: str, state: State) -> int:
        """The answer to somebody who is let in."""
        if state not in self.when.get(person, ALL):
            return 403 if state in self.enter.get(person, ()) else 409
        return self.then if isinstance(self.then, int) else self.then.get(person, 200)


def _act(verb: str, who: frozenset[str], states: frozenset[State], body: Any = None) -> Row:
    path = f"api/v1/sessions/{{session}}/{verb}"
    return Row("POST", path, who, 200, dict.fromkeys(who, states), body, changes=True)


def _lab(path: str, method: str = "GET", then: int = 200, **more: Any) -> Row:
    return Row(method, f"room/{{session}}/{path}", SEATED, then, ROOM, **more)


def _kernel(action: str) -> Row:
    # who may be in the room and may not write now is refused; a writer names a kernel that this room does not have
    writers = frozenset({"candidate", "interviewer"})
    path = f"room/{{session}}/api/kernels/{{kernel}}/{action}"
    return Row("POST", path, writers, dict.fromkeys(writers, 404), WRITE, enter={**ROOM, "interviewer": ENDED})


ONE = "api/v1/sessions/{session}"
PAGES = [
    Row("GET", "", KNOWN, {"candidate": 302, "other candidate": 302}),
    Row("GET", "sessions/{session}", PANEL),
    Row("GET", "s/{session}", CANDIDATE),
    Row("GET", "declined", ANYONE),
    Row("GET", "verify", ANYONE),
    Row("GET", "frame", ANYONE),
    Row("GET", "health", ANYONE),
    Row("GET", "key", ANYONE),
    Row("GET", "login", ANYONE, dict.fromkeys(ANYONE, 302)),
    Row("GET", "oauth_callback", ANYONE, dict.fromkeys(ANYONE, 403)),
    Row("POST", "logout", KNOWN, dict.fromkeys(KNOWN, 303), changes=True),
    Row("GET", "static/nothing.js", ANYONE, dict.fromkeys(ANYONE, 404)),
    Row("HEAD", "static/nothing.js", ANYONE, dict.fromkeys(ANYONE, 404)),
    Row("GET", "{lab_static}core/nothing.js", ANYONE, dict.fromkeys(ANYONE, 404)),
    Row("HEAD", "{lab_static}core/nothing.js", ANYONE, dict.fromkeys(ANYONE, 404)),
]
HOUSE = [
    Row("POST", "internal/redeem", HUB, {"hub": 400}, body={"token": 7}),
    Row("POST", "internal/staff-link", HUB, {"hub": 400}, body={"token": 7}),
    Row("GET", "api/v1/templates", STAFF),
    Row("POST", "api/v1/templates", STAFF, dict.fromkeys(STAFF, 400), body={"name": 7}),
    Row("GET", "api/v1/templates/task", STAFF),
    Row("GET", "api/v1/sessions", STAFF),
    Row("POST", "api/v1/sessions", STAFF, dict.fromkeys(STAFF, 400), body={"template": 7}),
    Row("GET", "api/v1/people", STAFF),
    Row("PUT", "api/v1/people/somebody", ADMIN, {"admin": 400}, body={"role": "king"}),
    Row("POST", "api/v1/people/nobody-here/link", ADMIN, {"admin": 404}),
]
SESSION = [
    Row("GET", ONE, LOOK),
    _act("open", STEER, frozenset({State.LOBBY})),
    _act("pause", STEER, frozenset({State.LIVE})),
    _act("resume", STEER, frozenset({State.PAUSED})),
    _act("extend", STEER, OPEN | {State.SCHEDULED, State.LOBBY}, {"seconds": 60}),
    _act("end", STEER, OPEN),
    _act("cancel", STEER, BEFORE),
    _act("miss", STEER, frozenset({State.SCHEDULED, State.LOBBY})),
    _act("arrive", CANDIDATE, OPEN | {State.LOBBY}),  # scheduled: not before the consent, which nobody gave here
    _act("submit", CANDIDATE, OPEN),
    Row("GET", f"{ONE}/invitations", STEER),
    Row(
        "POST",
        f"{ONE}/invitations",
        STEER,
        dict.fromkeys(STEER, 400),
        dict.fromkeys(STEER, BEFORE | OPEN),
        {"hours": "many"},
    ),
    Row("DELETE", f"{ONE}/invitations/0123456789", STEER, dict.fromkeys(STEER, 404)),
    Row("GET", f"{ONE}/seats", PANEL),
    Row("PUT", f"{ONE}/seats/olga", STEER, body={"seat": "observer"}, changes=True),
    Row("DELETE", f"{ONE}/seats/olga", STEER, dict.fromkeys(STEER, 204), changes=True),
    Row("GET", f"{ONE}/consent", LOOK),
    Row("POST", f"{ONE}/consent", CANDIDATE, {"candidate": 400}, {"candidate": BEFORE}, {"wording": 7}),
    Row("GET", f"{ONE}/timeline", LOOK),
    Row("GET", f"{ONE}/grade", PANEL, dict.fromkeys(PANEL, 404)),  # nothing was graded here
    Row("POST", f"{ONE}/grade", STEER, dict.fromkeys(STEER, 404)),
    Row("GET", f"{ONE}/remarks", LOOK),
    Row("POST", f"{ONE}/remarks", SEATED, dict.fromkeys(SEATED, 400), body={"text": 7}),
    Row("POST", f"{ONE}/remarks/1/resolution", SEATED, dict.fromkeys(SEATED, 400), body={"resolved": 7}),
    Row("POST", f"{ONE}/hand", SEATED - {"observer"}, dict.fromkeys(SEATED - {"observer"}, 400), body={"up": 7}),
    Row("POST", f"{ONE}/calibration", CANDIDATE, {"candidate": 400}, body={"yaw": "left"}),
    Row("POST", f"{ONE}/elsewhere", STEER, 200, dict.fromkeys(STEER, OPEN), {"seconds": 30}, changes=True),
    Row("GET", f"{ONE}/brief", INTERVIEWER),
    Row("GET", f"{ONE}/memos", INTERVIEWER),
    Row("POST", f"{ONE}/memos", INTERVIEWER, {"interviewer": 400}, body={"text": 7}),
    Row("DELETE", f"{ONE}/memos/7", INTERVIEWER, {"interviewer": 404}),
    Row("GET", f"{ONE}/scorecard", INTERVIEWER),
    Row("PUT", f"{ONE}/scorecard", INTERVIEWER, {"interviewer": 400}, body={"lines": 7}),
    Row("POST", f"{ONE}/scorecard/hand-in", INTERVIEWER, {"interviewer": 404}, {"interviewer": OPEN | ENDED}),
    Row("POST", f"{ONE}/tasks/nothing", INTERVIEWER, {"interviewer": 404}, {"interviewer": STEERED}),
    Row(
        "POST",
        f"{ONE}/cells/nothing/lock",
        INTERVIEWER,
        {"interviewer": 404},
        {"interviewer": STEERED},
        {"locked": True},
    ),
    Row("GET", f"{ONE}/notes", LOOK),
    Row("POST", f"{ONE}/notes", CANDIDATE, {"candidate": 400}, body={"answer": 7}),
    Row("GET", f"{ONE}/notes/window", LOOK),
    Row("POST", f"{ONE}/notes/waive", CANDIDATE, 204, {"candidate": ENDED}, changes=True),
    Row("GET", f"{ONE}/score", LOOK, 409),  # the window for notes is open, or the session is not over
    Row("POST", f"{ONE}/incidents/nothing/excuse", STEER, dict.fromkeys(STEER, 404), body={"reason": "known"}),
    Row("GET", f"{ONE}/export", LOOK),
    Row("GET", f"{ONE}/wire", SEATED, dict.fromkeys(SEATED, 101), socket=True),
    Row("GET", f"{ONE}/call", SEATED, 101, CALL, socket=True),
    Row("GET", f"{ONE}/submission/receipt", LOOK, dict.fromkeys(LOOK, 404)),  # nothing was handed in here
    Row("GET", f"{ONE}/submission/notebook", LOOK, dict.fromkeys(LOOK, 404)),
    Row("GET", f"{ONE}/submission/files.zip", LOOK, dict.fromkeys(LOOK, 404)),
]
LAB = [
    _lab("lab"),
    _lab("document", then=101, socket=True),
    _lab("presence", then=101, socket=True),
    _lab("api/kernels/{kernel}/channels", then=101, socket=True),
    _lab("api/events/subscribe", then=101, socket=True),
    _kernel("interrupt"),
    _kernel("restart"),
    _lab("api/kernels/{kernel}", then=404),
    _lab("api/kernels"),
    _lab("api/sessions"),
    _lab("api/sessions", "POST", 201, body={}),
    _lab("api/sessions/0123", "PATCH", body={}),
    _lab("api/sessions/0123", "DELETE", 204),
    _lab("api/contents"),
    _lab("api/me"),
    _lab("api/kernelspecs"),
    _lab("kernelspecs/nothing/logo-svg.svg", then=404),
    _lab("api/terminals"),
    _lab("api/nbconvert"),
    _lab("api/status"),
    _lab("api/"),
    _lab("lab/api/settings"),
    _lab("lab/api/settings/nobody:nothing", "PUT", 400, body={"raw": "{}"}),
    _lab("lab/api/settings/@jupyterlab/terminal-extension:plugin", "PUT", 400, body={"raw": "{}"}),
    _lab("lab/api/translations"),
    _lab("lab/api/translations/en"),
    _lab("lab/api/workspaces/default"),
    _lab("lab/api/workspaces/default", "PUT", 204, body={}),
    _lab("lab/api/workspaces/default", "DELETE", 204),
    _lab("lab/api/listings/"),
]
TABLE: list[Row] = [*PAGES, *HOUSE, *SESSION, *LAB]
