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
# The extra of the distribution that a command needs, where it is not the hub's.
EXTRAS = {"verify": "", "detect": "", "replay": "replay", "runner": "sandbox", "sandbox": "sandbox"}


def main() -> int:
    """Hand the words after the sub-command to its module's `main`."""
    words = sys.argv[1:]
    asked = bool(words) and words[0] in {"-h", "--help"}
    if not words or words[0] not in COMMANDS:
        to = sys.stdout if asked else sys.stderr
        print("usage: greenroom COMMAND …\n", file=to)
        for name, (_, purpose) in COMMANDS.items():
            print(f"  {name:<10}{purpose}", file=to)
        if words and not asked:
            print(f"\n{words[0]} was refused: there is no such command.", file=to)
        return 0 if asked else 2
    (module, _), extra = COMMANDS[words[0]], EXTRAS.get(words[0], "hub")
    try:
        command = importlib.import_module(module)
    except ModuleNotFoundError as missing:
        if not extra or (missing.name or "").startswith("greenroom"):
            raise
        what = f"greenroom {words[0]} needs {missing.name}, which is not installed"
        print(f"{what}. Install its extra: pip install 'greenroom[{extra}]'", file=sys.stderr)
        return 1
    return int(command.main(words[1:]))


if __name__ == "__main__":
    sys.exit(main())
