"""Breaks each named guard in a copy of the tree, one at a time, and shows that its test fails: `make guards`.

What it says is narrow: that these tests notice these changes. It does not look for guards that are missing.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

TOP = Path(__file__).parent.parent
PARTS = ("hub", "proctor", "kernel_sandbox", "notebooks", "tests", "pyproject.toml", "jupyterhub_config.py")
LONGEST = 600  # seconds for one test on a busy machine


@dataclass(frozen=True)
class Guard:
    """`old` in `file` is replaced by `new`, and `test` must fail."""

    name: str
    file: str
    old: str
    new: str
    test: str


ROOM = "hub/greenroom_hub/room/"
TABLE = "tests/hub/test_seat_table.py::test_the_table[live]"
FORGED = "tests/room/test_forged.py"
IT_IS_REFUSED = f"{FORGED}::test_it_is_refused_the_room_goes_on_and_the_attempt_is_a_fact"
DOCUMENT = "tests/room/test_document.py"
CALLS, CALL = "hub/greenroom_hub/calls/", "tests/hub/test_call.py"
GUARDS = [
    Guard(
        "whoever is not named is denied", "hub/greenroom_hub/web/handler.py",
        "if not may(access, self.who, self.seat):", "if False:", TABLE,
    ),
    Guard(
        "a seat enters in its states only", "hub/greenroom_hub/web/handler.py",
        "if states is not None and self.session.state not in states:", "if False:",
        "tests/hub/test_seat_table.py::test_the_table[scheduled]",
    ),
    # That a candidate has one session is held twice, in `Guarded` and in `Seats`: either alone can go, and is not here.
    Guard(
        "the guest's hub token opens nothing", "hub/greenroom_hub/identity.py",
        "if found is None or found.session is not None or not found.staff:", "if found is None:", TABLE,
    ),
    Guard(
        "a message of a call reaches peers only", f"{CALLS}calls.py",
        "if to in call.callers and any(one.page == to for one in call.now.peers(caller.page)):",
        "if to in call.callers:",
        f"{CALL}::test_a_message_reaches_whom_it_is_for_and_nobody_else",
    ),
    Guard(
        "a call's place belongs to a person", f"{CALLS}calls.py",
        "if before.party.name != caller.party.name:", "if False:", f"{CALL}::test_nobody_takes_another_s_place",
    ),
    Guard(
        "only the candidate allows a look", f"{CALLS}calls.py",
        "if caller.party.seat is not Seat.CANDIDATE:", "if False:",
        f"{CALL}::test_a_look_that_is_refused_shows_nothing",
    ),
    Guard(
        "a view is a fact before it is", f"{CALLS}gathering.py",
        "found |= {View(seer.name, seen.name, one, look=False) for one in _pictures(what)}", "pass",
        f"{CALL}::test_what_each_sees_of_whom_is_in_the_record_before_they_are_connected",
    ),
    Guard(
        "who may not be in a call is out of it", f"{CALLS}calls.py",
        "        if session.id in self._calls:\n            await self._do(session.id, staying)()", "        del staying",
        f"{CALL}::test_the_end_of_the_session_is_the_end_of_its_call",
    ),
    Guard(
        "observers are in no call", f"{CALLS}rights.py",
        "if seat is Seat.OBSERVER and not session.policy.observers_call:", "if False:",
        f"{CALL}::test_the_policy_narrows_it",
    ),
    Guard(
        "observers write nothing", f"{ROOM}rights.py",
        "Seat.OBSERVER: frozenset(),", "Seat.OBSERVER: frozenset({State.LIVE}),",
        "tests/room/test_message_table.py::test_frames[live]",
    ),
    Guard(
        "no page runs code", f"{ROOM}channels.py",
        'WRITERS = READERS | COMMS | {', 'WRITERS = READERS | COMMS | {"execute_request", ',
        "tests/room/test_message_table.py::test_words[live]",
    ),
    Guard(
        "a seat taken away ends its websockets", "hub/greenroom_hub/seats.py",
        'self._close(session, person, "seat taken away")', "pass", "tests/hub/test_seats.py",
    ),
    Guard(
        "nobody writes in another's name", f"{ROOM}document.py",
        "if any(self.owners.get(client, author) != author for client in clients):", "if False:",
        f"{IT_IS_REFUSED}[foreign_client]",
    ),
    Guard(
        "a hole is asked for", f"{ROOM}document.py", "if not contents.fits(self.ahead.have):", "if False:",
        f"{DOCUMENT}::test_a_hole_is_asked_for_and_nothing_of_it_is_kept",
    ),
    Guard(
        "only the kernel writes outputs", f"{ROOM}guard.py",
        "if outputs and not memory.has(cell[\"id\"], outputs):", "if False:",
        f"{DOCUMENT}::test_what_a_writer_may_not_change_is_refused_and_the_room_goes_on[insert_with_output]",
    ),
    Guard(
        "locked cells stay as they are", f"{ROOM}guard.py",
        'why = "this cell is locked" if after[change.index].id in rules.locked else ""', 'why = ""',
        f"{DOCUMENT}::test_what_a_writer_may_not_change_is_refused_and_the_room_goes_on[type_in_locked]",
    ),
    Guard(
        "cells are built of the types that pages expect", f"{ROOM}document.py", "if not isinstance(item, Map):\n        return None",
        "return item.to_py()", f"{IT_IS_REFUSED}[a_plain_source]",
    ),
    Guard(
        "values are JSON", f"{ROOM}guard.py", "elif isinstance(change, KeySet) and foreign(change.new):", "elif False:",
        f"{IT_IS_REFUSED}[not_a_number]",
    ),
    Guard(
        "numbers are JavaScript's", f"{ROOM}lib0.py", "if number > MOST or shift > 63:", "if shift > 63:",
        f"{FORGED}::test_bytes_that_make_no_sense_are_a_fact",
    ),
    Guard(
        "updates have a size", f"{ROOM}room.py", "if len(update) > LARGEST:", "if False:",
        f"{DOCUMENT}::test_an_update_over_a_mebibyte_is_refused",
    ),
    Guard(
        "a flood is read slowly", f"{ROOM}allowance.py", "return max(0.0, -self._left / self._per_second)", "return 0.0",
        f"{FORGED}::test_a_flood_of_tiny_messages_is_read_slowly_and_nobody_else_waits",
    ),
    Guard(
        "attempts do not flood the record", f"{ROOM}rooms.py", "if self._refusals.take(key, MOST_REFUSALS):", "if False:",
        f"{FORGED}::test_attempts_without_end_do_not_flood_the_record",
    ),
    Guard(
        "a run is taken up after a restart", f"{ROOM}runs.py", "if cell_id not in self._left or self._current is not None:",
        "if True:", "tests/room/test_runs.py::test_a_run_goes_on_over_a_restart_of_the_service",
    ),
    Guard(
        "a page that has just gone breaks nothing", "hub/greenroom_hub/web/outbox.py",
        "or connection.stream.closed():", "or False:",
        f"{DOCUMENT}::test_a_page_that_has_just_gone_keeps_nobody_from_saving",
    ),
    Guard(
        "a run waits for a kernel that answers", f"{ROOM}runs.py",
        "while not self._link.answering and not run.reply.done():", "if not self._link.answering:",
        "tests/room/test_kernel_link.py::test_a_run_that_meets_the_end_of_the_link_waits_for_the_next_one",
    ),
    Guard(
        "an answer that nobody heard leaves the question open", f"{ROOM}runs.py",
        "if not self._link.connected:  # the kernel", "if False:  # the kernel",
        "tests/room/test_kernel_link.py::test_an_answer_while_the_link_is_lost_leaves_the_question_open",
    ),
    Guard(
        "settings are those of a room's plugins", f"{ROOM}lab_extensions.py",
        'if _stays(entry["id"])}', "}", TABLE,
    ),
    Guard(
        "durable before shown", f"{ROOM}room.py",
        "                if rows:\n                    await self._log.append(rows)", "                pass",
        f"{DOCUMENT}::test_an_update_is_durable_before_anybody_else_sees_it",
    ),
    Guard(
        "a lock holds when the room is opened again", f"{ROOM}rooms.py",
        "steering.replay(room, await self._journal.events(id_))", "pass",
        "tests/room/test_steering.py::test_a_cell_of_the_template_can_be_unlocked_and_stays_so",
    ),
    Guard(
        "a task's text is locked", f"{ROOM}steering.py", "    for id_ in marked(cells):", "    for id_ in []:",
        "tests/room/test_steering.py::test_a_task_comes_to_everybody_once_and_its_text_is_locked",
    ),
    Guard(
        "a scorecard is its author's until it is handed in", "hub/greenroom_hub/scorecards.py",
        "if one.person != person and one.handed_in is not None]", "if one.person != person]",
        "tests/hub/test_assess.py::test_a_card_is_hidden_from_others_until_both_are_handed_in",
    ),
    Guard(
        "nobody reads a scorecard before their own is handed in", "hub/greenroom_hub/scorecards.py",
        "if not any(one.person == person and one.handed_in is not None for one in cards):", "if False:",
        "tests/hub/test_assess.py::test_a_card_is_hidden_from_others_until_both_are_handed_in",
    ),
    Guard(
        "private notes are for interviewers alone", "hub/greenroom_hub/web/access.py",
        "Access.INTERVIEWER: lambda who, seat: seat is Seat.INTERVIEWER,", "Access.INTERVIEWER: lambda who, seat: True,",
        "tests/hub/test_assess.py::test_the_brief_is_for_interviewers",
    ),
]  # fmt: skip


def copied(folder: Path) -> None:
    """The tree without what is built, beside the same environment."""
    for part in PARTS:
        if (TOP / part).is_dir():
            shutil.copytree(TOP / part, folder / part, ignore=shutil.ignore_patterns("__pycache__", ".*_cache"))
        else:
            shutil.copy(TOP / part, folder / part)
    (folder / "labextension").symlink_to(TOP / "labextension")
    (folder / ".venv").symlink_to(TOP / ".venv")


def passes(folder: Path, test: str) -> bool:
    """Whether a test passes in the copy."""
    paths = ":".join(str(folder / part) for part in ("hub", "proctor", "kernel_sandbox", "tests"))
    words = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", test]
    environment = {"PYTHONPATH": paths, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(folder)}
    made = subprocess.run(words, cwd=folder, env=environment, capture_output=True, timeout=LONGEST, check=False)
    assert made.returncode in {0, 1}, made.stdout.decode()[-2000:] + made.stderr.decode()[-2000:]
    return made.returncode == 0


def noticed(guard: Guard) -> str:
    """What became of one guard, in a word."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copied(folder)
        file = folder / guard.file
        text = file.read_text()
        if text.count(guard.old) != 1:
            return "OUT OF DATE"
        file.write_text(text.replace(guard.old, guard.new))
        return "NOT NOTICED" if passes(folder, guard.test) else "noticed"


def main() -> int:
    """Tries every guard, or those whose name contains a word."""
    words = argparse.ArgumentParser(description=main.__doc__)
    words.add_argument("word", nargs="?", default="")
    chosen = [guard for guard in GUARDS if words.parse_args().word in guard.name]
    found = {}
    for guard in chosen:
        found[guard.name] = noticed(guard)
        print(f"{found[guard.name]:12} {guard.name}", flush=True)
    missed = [name for name, word in found.items() if word != "noticed"]
    print(f"{len(found) - len(missed)} of {len(found)} guards are noticed when they break")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
