"""The notebook of the benches: a cell to type in, and a cell whose output is another one each time."""

from __future__ import annotations

from typing import Any

RUN = 'import time\nprint("out", time.time_ns())'


def notebook() -> dict[str, Any]:
    """It, as nbformat 4."""
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "cells": [_cell("type", "#"), _cell("run", RUN)],
    }


def _cell(id: str, source: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": id,
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": source,
    }
