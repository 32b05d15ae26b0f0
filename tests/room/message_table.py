"""What becomes of every message on the document's socket and the kernel's channel: one table, written down.

A row says in which states the message of a seat is *taken*; otherwise it comes to what `else_` says. A seat that may
not enter the room in a state has no socket (see tests/hub/seat_table.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from greenroom_proctor.words import Seat, State

ENDED = frozenset({State.SUBMITTED, State.EXPIRED, State.TERMINATED, State.REVIEW, State.FINAL, State.APPEAL})
ENTERS: Mapping[Seat, frozenset[State]] = {
    Seat.CANDIDATE: frozenset({State.LIVE, State.PAUSED}) | ENDED,
    Seat.INTERVIEWER: frozenset({State.SCHEDULED, State.LOBBY, State.LIVE, State.PAUSED}) | ENDED,
    Seat.OBSERVER: frozenset({State.LOBBY, State.LIVE, State.PAUSED}) | ENDED,
}
WRITERS: Mapping[Seat, frozenset[State]] = {
    Seat.CANDIDATE: frozenset({State.LIVE}),
    Seat.INTERVIEWER: frozenset({State.SCHEDULED, State.LOBBY, State.LIVE, State.PAUSED}),
    Seat.OBSERVER: frozenset(),
}
# Early interviewers write, and there is no kernel yet
RUNNERS: Mapping[Seat, frozenset[State]] = {seat: states - {State.SCHEDULED} for seat, states in WRITERS.items()}
# Reading goes on in every state in which somebody may be there
READERS = ENTERS
NOBODY: Mapping[Seat, frozenset[State]] = dict.fromkeys(Seat, frozenset())
# The kernel is there before the end, so nobody's words reach it afterwards
HEARD: Mapping[Seat, frozenset[State]] = {
    seat: states & {State.LOBBY, State.LIVE, State.PAUSED} for seat, states in ENTERS.items()
}


@dataclass(frozen=True)
class Frame:
    """One message on the document's socket. `else_`: "refused" with a sentence, "done" with the status refused,
    "nothing" at all, or "closed"."""

    name: str
    taken: Mapping[Seat, frozenset[State]]
    else_: str


FRAMES = [
    Frame("update", WRITERS, "refused"),
    Frame("step two", WRITERS, "refused"),
    Frame("step one", READERS, "nothing"),
    Frame("presence", READERS, "nothing"),
    Frame("query presence", READERS, "nothing"),
    Frame("run", RUNNERS, "done"),
    Frame("reply", WRITERS, "nothing"),
    # What only the service says, what nobody says, and what makes no sense ends the connection that said it
    Frame("notice", NOBODY, "closed"),
    Frame("unknown kind", NOBODY, "closed"),
    Frame("unknown step", NOBODY, "closed"),
    Frame("unknown command", NOBODY, "closed"),
    Frame("authentication", NOBODY, "closed"),
    Frame("half a frame", NOBODY, "closed"),
    Frame("nothing at all", NOBODY, "closed"),
    Frame("text", NOBODY, "closed"),
]


@dataclass(frozen=True)
class Word:
    """One message on the kernel's channel. `reaches`: where the kernel hears it. `else_`: "refused" with a reply that
    says so, or "nothing"."""

    kind: str
    reaches: Mapping[Seat, frozenset[State]]
    else_: str
    channel: str = "shell"


WORDS = [
    Word("complete_request", RUNNERS, "refused"),
    Word("inspect_request", RUNNERS, "refused"),
    Word("is_complete_request", RUNNERS, "refused"),
    Word("comm_info_request", HEARD, "answered"),  # that there are none, where there is no kernel
    Word("comm_open", RUNNERS, "nothing"),
    Word("comm_open to ask for widgets", HEARD, "nothing"),
    Word("comm_msg", RUNNERS, "nothing"),
    Word("comm_close", RUNNERS, "nothing"),
    Word("kernel_info_request", NOBODY, "answered"),  # by the service
    Word("execute_request", NOBODY, "refused"),
    Word("history_request", NOBODY, "refused"),
    Word("connect_request", NOBODY, "refused"),
    Word("interrupt_request", NOBODY, "refused", "control"),
    Word("shutdown_request", NOBODY, "refused", "control"),
    Word("debug_request", NOBODY, "refused", "control"),
    Word("usage_request", NOBODY, "refused", "control"),
    Word("create_subshell_request", NOBODY, "refused", "control"),
    Word("delete_subshell_request", NOBODY, "refused", "control"),
    Word("list_subshell_request", NOBODY, "refused", "control"),
    Word("complete_request", NOBODY, "refused", "control"),
    Word("input_reply", NOBODY, "nothing", "stdin"),
    Word("comm_msg", NOBODY, "nothing", "iopub"),
    Word("comm_msg", NOBODY, "nothing", "control"),
    Word("stream", NOBODY, "nothing", "iopub"),
    Word("something_else", NOBODY, "nothing"),
    Word("something_else_request", NOBODY, "refused"),
]
