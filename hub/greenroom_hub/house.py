"""The house: every part of the service, made once and handed to every handler."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from greenroom_hub.calls.calls import Calls
    from greenroom_hub.consents import Consents
    from greenroom_hub.doors import Doors
    from greenroom_hub.exports import Exports
    from greenroom_hub.gateway import Gateway
    from greenroom_hub.grading.grades import Grades
    from greenroom_hub.grading.tries import Checking
    from greenroom_hub.grading.variants import Variants
    from greenroom_hub.guests import Guests
    from greenroom_hub.invitations import Invitations
    from greenroom_hub.logins import Logins
    from greenroom_hub.memos import Memos
    from greenroom_hub.notes import Notes
    from greenroom_hub.people import People
    from greenroom_hub.record import Record
    from greenroom_hub.remarks import Remarks
    from greenroom_hub.room.rooms import Rooms
    from greenroom_hub.scorecards import Scorecards
    from greenroom_hub.seats import Seats
    from greenroom_hub.sessions import Sessions
    from greenroom_hub.settings import Greenroom
    from greenroom_hub.store.database import Store
    from greenroom_hub.submission import Submissions
    from greenroom_hub.templates import Templates
    from greenroom_hub.wire import Wires


@dataclass(slots=True)
class House:
    """What the service is made of. Built by `service.build`, in this order; later parts may use earlier ones."""

    settings: Greenroom
    store: Store
    record: Record
    people: People
    logins: Logins
    templates: Templates
    sessions: Sessions
    seats: Seats
    invitations: Invitations
    consents: Consents
    guests: Guests
    gateway: Gateway
    doors: Doors
    rooms: Rooms
    submissions: Submissions
    checking: Checking
    grades: Grades
    variants: Variants
    wires: Wires
    calls: Calls
    notes: Notes
    remarks: Remarks
    memos: Memos
    scorecards: Scorecards
    exports: Exports
