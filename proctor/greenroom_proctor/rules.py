"""The table of rules, as Python reads it: rules.json beside this file, which the browser reads too."""

from __future__ import annotations

from importlib.resources import files

import msgspec
from msgspec import Struct

from greenroom_proctor.words import Kind, Level


class Escalation(Struct, frozen=True):
    """When observations of one kind become a warning, and a flag. Times in seconds; null: never."""

    kind: Kind
    most: Level
    warn_after: float
    flag_after: float | None
    flag_count: int | None
    window: float
    cool_down: float
    warning: str
    flag: str
    reason: str


class EscalationTable(Struct, frozen=True):
    """All kinds, and what holds for all of them."""

    group: float
    group_reason: str
    budget: int
    budget_window: float
    budget_reason: str
    rules: list[Escalation]

    def rule(self, kind: Kind) -> Escalation | None:
        """The rule for a kind; None when it is only ever noted."""
        return next((one for one in self.rules if one.kind is kind), None)


class Rules(Struct, frozen=True):
    """The whole table, as far as Python uses it. `version` stands in every incident."""

    version: int
    measured: str
    cannot_see: str
    escalation: EscalationTable


def load() -> Rules:
    """The table of this version."""
    return msgspec.json.decode(files("greenroom_proctor").joinpath("rules.json").read_bytes(), type=Rules)
