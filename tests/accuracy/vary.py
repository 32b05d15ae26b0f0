"""Varied copies of the clips, read picture by picture: a program of the reader's environment.

`python vary.py CLIPS VARIATION… MODEL` prints, one a line, {"clip", "variation", "trace"} for every clip in the folder.
"""

from __future__ import annotations

import json
import os
import random
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "proctor" / "greenroom_proctor"))

import cv2
import numpy as np
import reader

Picture = Any
SAME = 0.04  # mean difference, 0-255: repeated pictures differ by less after compression
Look = tuple[float, Picture]
Change = Callable[[Picture, random.Random], Picture]
Film = Callable[[Iterable[Look], random.Random], Iterator[Look]]


def noise(wide: float) -> Change:
    def change(picture: Picture, dice: random.Random) -> Picture:
        grains = np.random.default_rng(dice.getrandbits(32)).normal(0, wide, picture.shape)
        return np.clip(picture + grains, 0, 255).astype(np.uint8)

    return change


def blur(pixels: float) -> Change:
    return lambda picture, dice: cv2.GaussianBlur(picture, (0, 0), pixels)


def jpeg(quality: int) -> Change:
    def change(picture: Picture, dice: random.Random) -> Picture:
        return cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)

    return change


def brightness(times: float, plus: float = 0.0) -> Change:
    return lambda picture, dice: np.clip(picture * times + plus, 0, 255).astype(np.uint8)


def moved(turn: float = 0.0, zoom: float = 1.0, right: float = 0.0, down: float = 0.0) -> Change:
    """Turned by degrees, nearer or farther, and moved by a share of the picture: another seat, another camera."""

    def change(picture: Picture, dice: random.Random) -> Picture:
        height, width = picture.shape[:2]
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn, zoom)
        matrix[:, 2] += (right * width, down * height)
        return cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)

    return change


def mirrored(picture: Picture, dice: random.Random) -> Picture:
    return cv2.flip(picture, 1)


def wide(picture: Picture, dice: random.Random) -> Picture:
    """16:9, as most cameras are: more of the room on both sides."""
    height, width = picture.shape[:2]
    side = (height * 16 // 9 - width) // 2
    return cv2.copyMakeBorder(picture, 0, 0, side, side, cv2.BORDER_REFLECT)


def hand(picture: Picture, dice: random.Random) -> Picture:
    """A hand in front of the chin and mouth."""
    height, width = picture.shape[:2]
    shown = picture.copy()
    cv2.ellipse(shown, (width // 2, round(height * 0.78)), (width // 9, height // 9), 20, 0, 360, (120, 150, 200), -1)
    return shown


def every(change: Change) -> Film:
    """Every new picture is changed; one that came twice stays the same, as from a camera that is frozen."""

    def film(looks: Iterable[Look], dice: random.Random) -> Iterator[Look]:
        before: Picture = None
        made: Picture = None
        for t, picture in looks:
            small = cv2.resize(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), reader.GREY, interpolation=cv2.INTER_AREA)
            if before is None or np.abs(small.astype(float) - before).mean() >= SAME:
                made = change(picture, dice)
            before = small.astype(float)
            yield t, made

    return film


def thinned(keep: Callable[[int, random.Random], bool]) -> Film:
    """Pictures that never come."""
    return lambda looks, dice: (look for number, look in enumerate(looks) if keep(number, dice))


def repeated(chance: float) -> Film:
    """A camera that gives a picture twice now and then, and the next one not at all."""

    def film(looks: Iterable[Look], dice: random.Random) -> Iterator[Look]:
        last: Picture = None
        for t, picture in looks:
            last = last if last is not None and dice.random() < chance else picture
            yield t, last

    return film


def slow_camera(every_nth: int) -> Film:
    """Each picture several times over."""

    def film(looks: Iterable[Look], dice: random.Random) -> Iterator[Look]:
        last: Picture = None
        for number, (t, picture) in enumerate(looks):
            last = picture if number % every_nth == 0 else last
            yield t, last

    return film


def chain(*films: Film) -> Film:
    def film(looks: Iterable[Look], dice: random.Random) -> Iterator[Look]:
        for one in films:
            looks = one(looks, dice)
        yield from looks

    return film


VARIATIONS: dict[str, Film] = {
    "as it is": every(lambda picture, dice: picture),
    "noise of 5": every(noise(5)),
    "noise of 15": every(noise(15)),
    "noise of 25": every(noise(25)),
    "blurred": every(blur(2.5)),
    "JPEG 15": every(jpeg(15)),
    "dark": chain(every(brightness(0.45)), every(noise(4))),
    "very dark": chain(every(brightness(0.28)), every(noise(6))),
    "bright": every(brightness(1.5, 15)),
    "turned 10 degrees": every(moved(turn=10)),
    "turned back 8 degrees, farther": every(moved(turn=-8, zoom=0.75)),
    "nearer": every(moved(zoom=1.35)),
    "seat to the left": every(moved(right=-0.22, down=0.05)),
    "seat to the right, lower": every(moved(right=0.2, down=0.12, zoom=0.9)),
    "mirrored": every(mirrored),
    "16:9": every(wide),
    "hand at the chin": every(hand),
    "5 a second": thinned(lambda number, dice: number % 8 not in {2, 5, 7}),
    "a fifth dropped": thinned(lambda number, dice: dice.random() > 0.2),
    "a third repeated": chain(repeated(0.33), every(noise(0))),
    "slow camera": slow_camera(3),
    "noise, JPEG, dropped": chain(every(noise(10)), every(jpeg(30)), thinned(lambda number, dice: dice.random() > 0.1)),
    "two a second": thinned(lambda number, dice: number % 4 == 0),
}


def main(words: list[str]) -> None:
    clips, *names, model = words
    for name in names or VARIATIONS:
        for clip in sorted(Path(clips).glob("*.mp4")):
            dice = random.Random(zlib.crc32(f"{name} {clip.stem}".encode()))
            film = VARIATIONS[name](reader.pictures(str(clip)), dice)
            made = reader.trace(reader.open_reader(model), film)
            print(json.dumps({"clip": clip.stem, "variation": name, "trace": made}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
    os._exit(0)
