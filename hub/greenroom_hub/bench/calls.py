"""A call and a look: from the press of a button until the first picture of the other person is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greenroom_hub.bench.browser import chromium, person
from greenroom_hub.bench.crowd import Crowd, crowd
from greenroom_hub.bench.crowd_service import Sitting
from greenroom_hub.bench.measure import Measure, alone
from greenroom_hub.bench.wires import everybody
from greenroom_hub.settings import PREFIX

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

CANDIDATES, ROUNDS = 100, 7  # of issue 6; the first of a page is left out: its code is compiled
CONNECT_BAR = LOOK_BAR = 1000.0  # ms, of issue 6
DEVICES = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")

# Presses a button of the call, and answers with the milliseconds until a picture of somebody else is shown
_PRESS = """async words => {
    const button = [...document.querySelectorAll('.gr-call button')].find(one => one.textContent === words);
    const begun = performance.now();
    button.click();
    const shown = () => [...document.querySelectorAll('.gr-call-tile:not([data-bond=self]) video.gr-call-camera')]
        .some(one => !one.hidden && one.srcObject && one.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA);
    while (!shown()) {
        await new Promise(again => setTimeout(again, 4));
    }
    return performance.now() - begun;
}"""
_CLICK = """words => [...document.querySelectorAll('.gr-call button')]
    .find(one => one.textContent === words && !one.disabled && !one.hidden)?.click()"""
_COUNT = "document.querySelectorAll('.gr-call-tile:not([data-bond=self])').length"

JOIN, LEAVE = "Join with camera", "Leave"
LOOK, STOP = "Ask to look through the candidate’s camera", "Stop looking"


async def _open(browser: Browser, service: Crowd, cookie: str, path: str) -> Page:
    url = f"http://127.0.0.1:{service.port}{PREFIX}"
    context = await person(browser)
    await context.add_cookies([{"name": "greenroom", "value": cookie, "url": url}])
    page = await context.new_page()
    await page.goto(url + path)
    await page.locator(".gr-call").wait_for(state="attached")
    return page


async def _alone(page: Page) -> None:
    """Returns when nobody else is there any more."""
    while await page.evaluate(_COUNT):
        await page.wait_for_timeout(20)


async def _joining(staff: Page, candidate: Page, rounds: int) -> list[float]:
    """The candidate comes into a call in which the interviewer is."""
    await staff.evaluate(_CLICK, JOIN)
    await staff.locator(".gr-call[data-standing=in]").wait_for()
    await candidate.locator(".gr-call-bar button").first.wait_for()
    found = []
    for _ in range(rounds + 1):
        found.append(await candidate.evaluate(_PRESS, JOIN))
        await candidate.evaluate(_CLICK, LEAVE)
        await _alone(candidate)
        await _alone(staff)
    await staff.evaluate(_CLICK, LEAVE)
    await staff.locator(".gr-call[data-standing=out]").wait_for()
    return found[1:]


async def _looking(staff: Page, one: Sitting, candidate: Page, rounds: int) -> list[float]:
    """An invigilator looks at a candidate who has allowed it for the session."""
    allowed = f"sessionStorage.setItem('greenroom-call:{one.id}', JSON.stringify({{looks: true}}))"
    await candidate.evaluate(allowed)
    found = []
    for _ in range(rounds + 1):
        found.append(await staff.evaluate(_PRESS, LOOK))
        await staff.evaluate(_CLICK, STOP)
        await _alone(staff)
        await staff.get_by_role("button", name=LOOK, exact=True).wait_for()
    return found[1:]


async def calls(quick: bool) -> list[Measure]:
    """Joining a call, and looking at one of a hundred candidates; all browsers and the service share one machine."""
    count, rounds = (3, 1) if quick else (CANDIDATES, ROUNDS)
    async with crowd(count) as service, chromium(*DEVICES) as browser:
        await everybody(service, watched=False)
        one = service.sittings[0]
        staff = await _open(browser, service, one.interviewer, f"sessions/{one.id}")
        candidate = await _open(browser, service, one.candidate, f"room/{one.id}/lab")
        joins = await _joining(staff, candidate, rounds)
        looks = await _looking(staff, one, candidate, rounds)
    return [alone("call-connect", "ms", joins, CONNECT_BAR), alone("look-first-picture", "ms", looks, LOOK_BAR)]
