"""A web server's logs for one seed: one to look at, the hidden ones the program is tried on, and what it should print."""

import random
from datetime import datetime, timedelta
from fractions import Fraction

PATHS = ["/", "/basket", "/books", "/books/17", "/help", "/login", "/pay", "/search"]
BROKEN = ["", "oops", "2026-05-04T10:00:00 /pay 500", "2026-05-04T10:00:00 /pay five 12", "2026-05-04T10:00:00 /pay 500 1.5", "a b 500 9 9"]


def _log(rng: random.Random, count: int, failing: float, broken: float = 0.05) -> str:
    at = datetime(2026, 5, 4, 10)
    share = {path: rng.choice([0.0, failing, 2 * failing]) for path in PATHS}
    lines = []
    for _ in range(count):
        at += timedelta(seconds=rng.randrange(5))
        if rng.random() < broken:
            lines.append(rng.choice(BROKEN))
            continue
        path = rng.choice(PATHS)
        status = rng.choice([500, 502, 503]) if rng.random() < share[path] else rng.choice([200, 200, 200, 304, 404, 499])
        lines.append(f"{at:%Y-%m-%dT%H:%M:%S} {path} {status} {round(rng.lognormvariate(3.5, 1))}")
    return "\n".join(lines) + "\n"


def _same_shares() -> str:
    """Three paths fail equally often, with other counts: only exact shares and bytes put them in order."""
    lines = []
    for path, failed, fine in (("/b", 1, 2), ("/a", 2, 4), ("/B", 3, 6)):
        lines += [f"2026-05-04T10:00:00 {path} 500 7"] * failed + [f"2026-05-04T10:00:00 {path} 200 9"] * fine
    return "\n".join(lines)  # and the last line has no end


def make(seed: int) -> dict[str, str]:
    """The files of one candidate's task: name -> text."""
    return {"data/access.log": _log(random.Random(f"logs {seed}"), 200, 0.08)}


def cases(random, count):
    """Logs that nobody has seen, the odd ones among them."""
    kinds = [
        lambda: _log(random, 400, 0.05),
        lambda: _log(random, 80, 0.0),
        _same_shares,
        lambda: "",
        lambda: _log(random, 50, 0.3),
        lambda: _log(random, 2000, 0.02, 0.2),
    ]
    return [[kinds[number % len(kinds)]()] for number in range(count)]


def program(text):
    """What is printed for a log."""
    failed, requests, slowest = {}, {}, {}
    for line in text.splitlines():
        parts = line.split(" ")
        if len(parts) != 4 or not all(part.isascii() and part.isdigit() for part in parts[2:]):
            continue
        path, status, took = parts[1], int(parts[2]), int(parts[3])
        requests[path] = requests.get(path, 0) + 1
        failed[path] = failed.get(path, 0) + (status >= 500)
        slowest[path] = max(slowest.get(path, 0), took)
    bad = sorted((p for p in failed if failed[p]), key=lambda p: (-Fraction(failed[p], requests[p]), p.encode()))
    return "\n".join(f"{path} {failed[path]} {requests[path]} {slowest[path]}" for path in bad) or "none"
