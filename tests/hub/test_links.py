"""Invitations, staff links and logins: expiring, revocable, and nothing but a hash is kept."""

from __future__ import annotations

from typing import Any

import pytest
from greenroom_hub.demo import admin_link
from greenroom_hub.invitations import Invitations, Unusable
from greenroom_hub.logins import Logins
from greenroom_hub.moment import HOUR
from greenroom_hub.settings import PREFIX
from greenroom_proctor.words import Action, Role


class Clock:
    at = 1_000_000

    def __call__(self) -> int:
        return self.at


class Socket:
    """A websocket that remembers how it was closed."""

    closed: tuple[int | None, str | None] | None = None

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        self.closed = (code, reason)


async def test_an_invitation_works_again_until_it_expires(place: Any) -> None:
    session, clock = await place.session(), Clock()
    invitations = Invitations(place.house.store, clock, hours=1)
    token, made = await invitations.make(session.id, "ada")
    assert (await invitations.redeem(token)).times == 1
    assert (await invitations.redeem(token)).times == 2
    clock.at = made.expires
    with pytest.raises(Unusable, match="expired"):
        await invitations.redeem(token)


async def test_an_invitation_may_have_its_own_life(place: Any) -> None:
    session, clock = await place.session(), Clock()
    _, made = await Invitations(place.house.store, clock, hours=1).make(session.id, "ada", hours=0.5)
    assert made.expires == clock.at + HOUR // 2


async def test_a_revoked_invitation_stays_revoked(place: Any) -> None:
    session, invitations = await place.session(), place.house.invitations
    token, made = await invitations.make(session.id, "ada")
    await invitations.revoke(session.id, made.id)
    with pytest.raises(Unusable, match="taken back"):
        await invitations.redeem(token)
    with pytest.raises(LookupError, match="has no invitation"):
        await invitations.revoke((await place.session()).id, made.id)


async def test_nobody_is_invited_to_what_does_not_take_place(place: Any) -> None:
    session, invitations = await place.session(), place.house.invitations
    token, _ = await invitations.make(session.id, "ada")
    await place.house.sessions.act(session.id, Action.CANCEL, "ada")
    with pytest.raises(Unusable, match="does not take place"):
        await invitations.redeem(token)


async def test_who_has_handed_in_may_come_back_to_the_receipt(place: Any) -> None:
    session, invitations = await place.session(), place.house.invitations
    token, _ = await invitations.make(session.id, "ada")
    for action in (Action.ARRIVE, Action.OPEN, Action.SUBMIT):
        await place.house.sessions.act(session.id, action, "ada")
    assert (await invitations.redeem(token)).session == session.id


async def test_a_made_up_token_opens_nothing(place: Any) -> None:
    with pytest.raises(Unusable, match="not an invitation"):
        await place.house.invitations.redeem("made-up")
    with pytest.raises(Unusable, match="not a staff link"):
        await place.house.invitations.use_staff_link("made-up")


async def test_the_link_of_a_start_without_a_provider_makes_an_admin(place: Any) -> None:
    _, _, token = (await admin_link(place.house)).partition("/hub/staff-link#")
    assert await place.house.invitations.use_staff_link(token) == ("admin", PREFIX)
    assert (await place.house.people.get("admin")).role is Role.ADMIN


async def test_a_staff_link_works_once_within_its_hour(place: Any) -> None:
    await place.house.people.put("ada", "Ada", Role.ADMIN)
    clock = Clock()
    invitations = Invitations(place.house.store, clock, hours=1)
    once, late = await invitations.make_staff_link("ada", "/x"), await invitations.make_staff_link("ada", "/x")
    assert await invitations.use_staff_link(once) == ("ada", "/x")
    with pytest.raises(Unusable, match="works once"):
        await invitations.use_staff_link(once)
    clock.at += HOUR
    with pytest.raises(Unusable, match="expired"):
        await invitations.use_staff_link(late)


async def test_ending_a_login_closes_its_sockets_and_no_others(place: Any) -> None:
    logins, session = place.house.logins, await place.session()
    secret, mine = await logins.start(session.id, "Jo", session.id)
    _, staff = await logins.start("ada", "Ada")
    gone, kept = Socket(), Socket()
    logins.follow(mine.id, gone)
    logins.follow(staff.id, kept)
    await logins.end_candidate(session.id, "moved")
    assert (gone.closed, kept.closed) == ((4401, "moved"), None)
    assert await logins.find(secret) is None


async def test_a_login_lasts_over_a_restart_and_no_longer_than_it_may(place: Any) -> None:
    clock = Clock()
    secret, login = await Logins(place.house.store, clock, hours=1).start("ada", "Ada")
    after_restart = Logins(place.house.store, clock, hours=1)
    assert await after_restart.find(secret) == login
    socket = Socket()
    after_restart.follow(login.id, socket)
    clock.at += HOUR
    assert await after_restart.find(secret) is None
    await after_restart.sweep()
    assert socket.closed == (4401, "expired")


async def test_redeeming_tells_the_record_and_ends_the_seat_elsewhere(place: Any) -> None:
    session = await place.session()
    token, made = await place.house.invitations.make(session.id, "ada")
    jo = await place.candidate(session.id)
    right = {"Authorization": f"Bearer {place.secrets.service_token}"}
    answer = await place.stranger().ask("POST", "/services/greenroom/internal/redeem", {"token": token}, headers=right)
    assert answer.code == 200
    assert (await jo.ask("GET", f"sessions/{session.id}")).code == 401
    last = (await place.house.record.events(session.id))[-1]
    assert (last.type, last.body) == ("invitation.redeemed", {"invitation": made.id, "moved": True, "times": 1})
