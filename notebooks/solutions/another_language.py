# %% program
%%piston python --stdin "2026-05-04T10:00:03 /basket 500 31"
import sys
from fractions import Fraction

failed, requests, slowest = {}, {}, {}
for line in sys.stdin:
    parts = line.rstrip("\n").split(" ")
    if len(parts) != 4 or not all(part.isascii() and part.isdigit() for part in parts[2:]):
        continue
    path, status, took = parts[1], int(parts[2]), int(parts[3])
    requests[path] = requests.get(path, 0) + 1
    failed[path] = failed.get(path, 0) + (status >= 500)
    slowest[path] = max(slowest.get(path, 0), took)
bad = sorted((p for p in failed if failed[p]), key=lambda p: (-Fraction(failed[p], requests[p]), p.encode()))
for path in bad:
    print(path, failed[path], requests[path], slowest[path])
if not bad:
    print("none")
