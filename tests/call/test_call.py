"""A call in real Chromium: three people, the camera check beside it, a screen, a reload, a look; and the record of it."""

from __future__ import annotations

from call.gathering import Guest, Party, party, until
from hub.conftest import Place, place  # noqa: F401 - a fixture
from playwright.async_api import expect

SOUND, CAMERA, SCREEN = range(3)  # the lines of a connection
ONLY = 0  # that of a look, which has the camera


async def test_three_people_see_and_hear_each_other_while_the_check_goes_on(place: Place) -> None:  # noqa: F811
    async with party(place) as held:
        jo = await held.enter("jo", room=True)
        ada = await held.enter("ada", room=True)
        ben = await held.enter("ben", room=False)
        await expect(jo.page.locator(".gr-camera")).to_have_attribute("data-tone", "bad")  # a pattern is no face
        await ada.press("Join with camera")
        await expect(jo.bar).to_contain_text("Ada is in the call.")
        await jo.press("Join with camera", jo.bar)
        await ben.press("Join with camera")
        for one in (jo, ada, ben):
            await one.gets(2, SOUND, CAMERA)
        await expect(jo.bar).to_contain_text("Ada and Ben see you. Ada and Ben hear you.")
        await expect(ben.bar).to_contain_text("see you.")
        await _the_check_reads_on(jo)
        await _a_screen(jo, ada, ben)
        await _only_sound(jo, ada)
        await _a_reload(held, jo, ada, ben)
        await ben.press("Leave")
        await expect(jo.bar).to_contain_text("Ada sees you. Ada hears you.")
        await jo.press("Leave")
        await expect(jo.bar).to_be_hidden()
        await _the_check_reads_on(jo)
        now = set[tuple[str, ...]]()
        for *view, on in await held.views():
            (now.add if on else now.discard)(tuple(view))
        assert now == set(), "a view that has no end"


async def _the_check_reads_on(jo: Guest) -> None:
    """It has the camera that the call has, and reads pictures of it."""
    numbers = jo.page.locator(".gr-camera-numbers")
    await expect(jo.page.locator(".gr-camera-status")).to_contain_text("face", ignore_case=True)
    await expect(numbers).not_to_be_empty()


async def _a_screen(jo: Guest, ada: Guest, ben: Guest) -> None:
    await ben.press("Share screen")
    for one in (jo, ada):
        await expect(one.page.locator(".gr-call-tile[data-sharing='true'] .gr-call-screen")).to_be_visible()

        async def shown(one: Guest = one) -> bool:
            return [each["lines"][SCREEN]["frames"] > 0 for each in await one.counters()].count(True) == 1

        await until(shown, "a screen")
    await expect(ben.bar).to_contain_text("see you and your screen")
    await ben.press("Stop sharing")
    await expect(ada.page.locator(".gr-call-tile[data-sharing='true']")).to_have_count(0)


async def _only_sound(jo: Guest, ada: Guest) -> None:
    """No picture is sent to whoever only listens, and none of theirs."""
    await ada.press("Sound only")
    await expect(jo.bar).to_contain_text("Ben sees you. Ada and Ben hear you.")
    await expect(ada.page.locator(".gr-call-tile:visible video:visible")).to_have_count(0)
    await ada.press("With pictures")
    await ada.press("Camera on")
    await expect(jo.bar).to_contain_text("Ada and Ben see you.")


async def _a_reload(held: Party, jo: Guest, ada: Guest, ben: Guest) -> None:
    await jo.page.reload()
    await expect(jo.bar).to_contain_text("see you.")
    for one in (jo, ada, ben):
        await one.gets(2, SOUND, CAMERA)


async def test_a_look_is_asked_for_announced_and_in_the_record(place: Place) -> None:  # noqa: F811
    async with party(place) as held:
        jo, iva = await held.enter("jo", room=True), await held.enter("iva", room=False)
        await iva.press("Ask to look through the candidate’s camera")
        await expect(jo.bar).to_contain_text("Iva asks to look at you through your camera")
        assert (await iva.counters(), await held.views()) == ([], [])
        await jo.press("Not now", jo.bar)
        await expect(iva.call).to_contain_text("Ask to look through the candidate’s camera")
        await iva.press("Ask to look through the candidate’s camera")
        await jo.press("Allow for this session", jo.bar)
        await iva.gets(1, ONLY)
        await expect(jo.bar).to_contain_text("Iva looks at you through your camera, without sound.")
        await expect(iva.page.locator(".gr-call-tile[data-bond='seen'] video.gr-call-camera")).to_be_visible()
        assert await held.views() == [("iva", "candidate", "camera", True, True)]
        await iva.press("Stop looking")
        await expect(jo.bar).to_be_hidden()
        await iva.press("Ask to look through the candidate’s camera")  # allowed before: no question, and yet it is said
        await expect(jo.bar).to_contain_text("Iva looks at you")
        await iva.gets(1, ONLY)
        await jo.press("Stop the look", jo.bar)
        await expect(iva.call).to_contain_text("Ask to look through the candidate’s camera")
        await iva.press("Ask to look through the candidate’s camera")
        await expect(jo.bar).to_contain_text("Iva asks to look at you")  # what was stopped is not allowed any more
        assert [view[-1] for view in await held.views()] == [True, False, True, False]
