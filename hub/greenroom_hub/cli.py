"""The `greenroom` command: one line per sub-command, each with its own module."""

from __future__ import annotations

import importlib
import sys

COMMANDS = {
    "serve": ("greenroom_hub.serve", "start everything; --demo makes a session and prints its links"),
    "runner": ("greenroom_sandbox.runner", "run programs for %%piston: Piston API v2 on loopback"),
    "verify": ("greenroom_hub.verify", "check a receipt, and files against it, offline"),
    "detect": ("greenroom_proctor.detect", "run the camera's detector on a feature trace"),
    "replay": ("greenroom_hub.replay", "run the reader and the detector on a recording, and compare with what was so"),
    "bundle": ("greenroom_hub.bundle", "print the fingerprint of the code that candidates' browsers run"),
    "openapi": ("greenroom_hub.web.openapi", "print the description of the REST API"),
    "bench": ("greenroom_hub.bench.command", "measure, beside a peer in the same run where there is one"),
    "sandbox": ("greenroom_sandbox.command", "run one program under the kernel's policy"),
}


def main() -> int:
    """Hand the words after the sub-command to its module's `main`."""
    words = sys.argv[1:]
    if not words or words[0] not in COMMANDS:
        print("usage: greenroom COMMAND …\n", file=sys.stderr)
        for name, (_, purpose) in COMMANDS.items():
            print(f"  {name:<10}{purpose}", file=sys.stderr)
        if words and words[0] not in {"-h", "--help"}:
            print(f"\n{words[0]} was refused: there is no such command.", file=sys.stderr)
        return 2
    return int(importlib.import_module(COMMANDS[words[0]][0]).main(words[1:]))


if __name__ == "__main__":
    sys.exit(main())
