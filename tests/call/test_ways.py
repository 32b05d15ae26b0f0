"""The ways between two people: through a real coturn only, with no way at all, over another network, to another kind of peer."""

from __future__ import annotations

from pathlib import Path

from call.far_peer import FarPeer
from call.gathering import party, until
from call.relay import SECRET, relay
from call.test_call import CAMERA, SOUND
from hub.conftest import Place, place  # noqa: F401 - a fixture
from playwright.async_api import expect


async def test_through_the_relay_only_with_a_password_that_it_knows(place: Place, tmp_path: Path) -> None:  # noqa: F811
    """And with one that it does not know there is no way, which is said."""
    async with relay(tmp_path) as coturn, party(place) as held:
        settings = place.house.settings
        settings.turn_urls, settings.turn_secret, settings.turn_only = coturn.url, "another secret", True
        ada, ben = await held.enter("ada", room=False), await held.enter("ben", room=False)
        await ada.press("Join with camera")
        await ben.press("Join with camera", ben.bar)
        await expect(ben.call).to_contain_text("No way to Ada was found, not even through the relay.")
        await until(coturn.refused, "the relay's word that it refused the password")
        assert await ben.counters() == []
        for one in (ada, ben):
            await one.press("Leave")
        settings.turn_secret = SECRET
        for one in (ada, ben):
            await one.page.reload()
        await ada.press("Join with camera")
        await ben.press("Join with camera", ben.bar)
        for one in (ada, ben):
            await one.gets(1, SOUND, CAMERA)
            assert [each["way"] for each in await one.counters()] == ["relay"]


async def test_another_network_is_another_way_and_the_call_goes_on(place: Place) -> None:  # noqa: F811
    """Both sockets and all addresses are new; the connection is the same, and so is the place in the call."""
    async with party(place) as held:
        ada, ben = await held.enter("ada", room=False), await held.enter("ben", room=False)
        await ada.press("Join with camera")
        await ben.press("Join with camera", ben.bar)
        await ben.gets(1, SOUND, CAMERA)
        name = "connections.at(-1).localDescription.sdp.match(/ice-ufrag:(\\S+)/)[1]"
        before = await ben.page.evaluate(name)
        await ben.page.evaluate("window.dispatchEvent(new Event('online'))")

        async def renewed() -> bool:
            return bool(await ben.page.evaluate(name) != before)

        await until(renewed, "another name of the ways")
        await ben.gets(1, SOUND, CAMERA)
        await ada.gets(1, SOUND, CAMERA)
        assert await ben.page.evaluate("connections.length") == 1
        events = [one.type for one in await place.house.record.events(held.session)]
        assert events.count("call.joined") == 2
        assert "call.left" not in events


async def test_a_program_is_a_peer_like_any_other(place: Place) -> None:  # noqa: F811
    """aiortc, first as the one who answers, then as the one who offers."""
    async with party(place) as held:
        ben, ada = await held.enter("ben", room=False), await place.staff("ada")
        for answers in (True, False):
            far = FarPeer()
            await far.join(place.url, held.session, ada.cookie)
            if answers:
                await ben.press("Join with camera", ben.bar)
            await ben.gets(1, SOUND, CAMERA)

            async def both(far: FarPeer = far) -> bool:
                return min(far.got.values()) > 10

            await until(both, "sound and pictures at the far end")
            await expect(ben.bar).to_contain_text("Ada sees you. Ada hears you.")
            await far.close()
            await expect(ben.call).to_contain_text("You are alone in the call.")
