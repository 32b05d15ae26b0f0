"""Clips as Chromium's fake camera shows them: a file that is opened anew, from its first picture, with each camera."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CLIPS = Path(__file__).parents[1] / "resources" / "face-clips"
TRUTH: dict[str, dict[str, Any]] = json.loads((CLIPS / "ground_truth.json").read_text())
KINDS = {"static_photo": "still_picture"}
ON_SCREEN = 3.5  # seconds at the beginning of every clip in which the head looks at the screen


@dataclass
class Film:
    """What the camera of one browser shows. `file` goes into its command line."""

    file: Path
    slower: float = 1.0  # how many times slower than in life it is shown
    arguments: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.arguments = [
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={self.file}",
        ]

    async def show(self, clip: str, seconds: float | None = None, *extra: str) -> None:
        """From the next opening on, this clip, or its first seconds; again and again. `extra`: filters of ffmpeg."""
        about = TRUTH[clip]
        filters = [one for one in (about["noise_filter"], *extra) if one]
        await self._make(CLIPS / f"{clip}.mp4", filters, seconds)

    async def paint(self, picture: str, *filters: str) -> None:
        """A picture of ffmpeg's own, such as color=black."""
        await self._make(
            None,
            list(filters),
            2.0,
            "-f",
            "lavfi",
            "-i",
            f"{picture}{':' if '=' in picture else '='}size=640x480:rate=8",
        )

    async def _make(self, clip: Path | None, filters: list[str], seconds: float | None, *source: str) -> None:
        fresh = self.file.with_suffix(".new.y4m")
        command = ["ffmpeg", "-v", "error", "-y", *source]
        command += ["-i", str(clip)] if clip else []
        command += ["-t", str(seconds * self.slower)] if seconds else []
        command += ["-vf", ",".join([*filters, f"setpts={self.slower}*PTS"])]
        command += ["-r", f"8000/{round(self.slower * 1000)}", "-pix_fmt", "yuv420p", str(fresh)]
        made = await asyncio.create_subprocess_exec(*command)
        assert await made.wait() == 0
        fresh.replace(self.file)


def expected(clip: str) -> list[tuple[str, float, float]]:
    """What happens in a clip: kind, start, end in seconds."""
    return [(KINDS.get(one["type"], one["type"]), one["start"], one["end"]) for one in TRUTH[clip]["events"]]
