"""What a REST call is: a summary, the shape of what it takes and gives. OpenAPI is made from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Operation:
    """One HTTP method of one route. Shapes are types that msgspec knows."""

    summary: str
    answer: Any = None
    body: Any = None
    status: int = 200
