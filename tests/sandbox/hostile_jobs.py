"""Hostile jobs for the runner as data: rows of the project's list of hostile cases, each with its safe outcome."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Hostile:
    """A job: what it sends, the statuses that are safe, and what it may print (None: anything)."""

    language: str
    source: str
    statuses: frozenset[str | None]
    prints: str | None = None
    more: dict[str, Any] = field(default_factory=dict)
    stage: str = "run"

    @property
    def body(self) -> dict[str, Any]:
        """The request: short of time where that is what ends it, and patient where something else does."""
        wall, cpu = (2000, 1000) if "TO" in self.statuses else (30_000, 20_000)
        limits = {"run_timeout": wall, "run_cpu_time": cpu, "run_memory_limit": 64_000_000}
        return {"language": self.language, "version": "*", "files": [{"content": self.source}], **limits, **self.more}


def _python(source: str, *statuses: str | None, prints: str | None = None, **more: Any) -> Hostile:
    return Hostile("python", source, frozenset(statuses), prints, more)


_BOMB = "\n".join(
    f"#define A{n} A{n - 1} A{n - 1} A{n - 1} A{n - 1} A{n - 1} A{n - 1} A{n - 1} A{n - 1}" for n in range(1, 12)
)
_PLACES = "['/tmp', '/var/tmp', '/run/lock', '/dev/shm', '/run', '/home/candidate', '.']"
_LEAVE = f"import os\nfor d in {_PLACES}:\n try: open(d + '/bean', 'w').write('bean')\n except OSError: pass\n"
_LOOK = f"import os\nprint([d for d in {_PLACES} if os.path.exists(d + '/bean')])\n"

JOBS = {
    "01 an endless loop ends at the time limit": _python("while True: pass", "TO"),
    "02 sleeping past the wall limit is time": _python("import time; time.sleep(60)", "TO"),
    "03 a gigabyte is named memory": _python("x = 'x' * 10**9", "ML", "RE"),
    "04 a fork bomb is ended": _python("import os\nwhile True:\n try: os.fork()\n except OSError: pass", "TO", "ML"),
    "05 one subprocess too many is refused": _python(
        "import subprocess\nps = []\ntry:\n while True: ps.append(subprocess.Popen(['/bin/sleep', '9']))\n"
        "except OSError as e: print(e.errno)\nfor p in ps: p.kill()",
        *(None, "TO", "ML"),
    ),
    "06 endless output is cut": _python("while True: print('x' * 999)", "OL"),
    "07 endless error output is cut": _python("import sys\nwhile True: print('x' * 999, file=sys.stderr)", "EL"),
    "08 a hundred megabytes in large pieces are cut": _python(
        "import os\nfor _ in range(100): os.write(1, b'x' * 2**20)", "OL"
    ),
    "09 a large file is refused": _python(
        "try:\n with open('f', 'wb') as f:\n  for _ in range(20): f.write(b'x' * 10**6)\nexcept OSError as e: print(e.errno)",
        *(None, "ML"),
    ),
    "10 many files fill the own quota only": _python(
        "try:\n for n in range(999): open(f'f{n}', 'wb').write(b'x' * 10**6)\nexcept OSError as e: print(e.errno)",
        *(None, "ML"),
    ),
    "11 descriptors run out": _python(
        "import os\ntry:\n while True: os.dup(0)\nexcept OSError as e: print(e.errno)", None, prints="24\n"
    ),
    "12 a macro bomb ends at the compilation's limit": Hostile(
        "c",
        f"#define A0 x\n{_BOMB}\nint A11;",
        frozenset({"TO", "ML", "OL", "EL", "RE"}),
        None,
        {"compile_timeout": 3000, "compile_cpu_time": 2000, "compile_memory_limit": 64_000_000},
        "compile",
    ),
    "13 including an endless file ends there too": Hostile(
        "c",
        '#include "/dev/zero"\nint main(){}',
        frozenset({"TO", "ML", "RE"}),
        None,
        {"compile_timeout": 3000, "compile_cpu_time": 2000, "compile_memory_limit": 64_000_000},
        "compile",
    ),
    "20 no shadow": _python("try: open('/etc/shadow')\nexcept OSError as e: print(e.errno)", None, prints="2\n"),
    "21 accounts are the box's own": _python("print('root:' in open('/etc/passwd').read())", None, prints="False\n"),
    "21 C cannot read the machine's accounts at compilation": Hostile(
        "c", '#include "/etc/passwd"\nint main(){}', frozenset({"RE"}), None, {}, "compile"
    ),
    "23 beans are left": _python(_LEAVE, None),
    "23 and not found": _python(_LOOK, None, prints="[]\n"),
    "24 no other box is seen": _python(
        "import os\nprint([p for p in os.listdir('/run') if 'greenroom' in p], os.path.exists('/run/greenroom-uids'))",
        None,
        prints="[] False\n",
    ),
    "27 no set-user-id program gains anything": _python(
        "import subprocess\nprint(subprocess.run(['su', '-c', 'id'], capture_output=True, text=True).stdout)",
        None,
        prints="\n",
    ),
    "28 killing the parent kills only the job": _python("import os; os.kill(os.getppid(), 9)", None, "SG", "RE"),
    "28 killing everybody kills only the job": _python("import os; os.kill(-1, 9)", "SG", "RE", None),
    "31 the environment is a short list": _python(
        "import os; print(sorted(os.environ))",
        None,
        prints="['HOME', 'LANG', 'LOGNAME', 'PATH', 'PISTON_LANGUAGE', 'PYTHONDONTWRITEBYTECODE', 'TMPDIR', 'USER']\n",
    ),
    "32 a daemon ends with its job": _python(
        "import os, time\nif os.fork() == 0:\n os.setsid()\n if os.fork() == 0: time.sleep(88.875)\n os._exit(0)", None
    ),
    "35 a crash names its signal": _python("import os; os.abort()", "SG", prints=""),
    "35 an exit code of 256 is 0": _python("import os; os._exit(256)", None, prints=""),
    "36 input that nobody reads": _python("print('unread')", None, prints="unread\n", stdin="x" * 90_000),
    "own: closing its own input and output": _python(
        "import os\nfor n in range(9):\n try: os.close(n)\n except OSError: pass", None
    ),
    "own: output without a reader's leave, from a child": _python(
        "import os\nif os.fork() == 0:\n while True: os.write(1, b'x' * 999)", "OL", None, "TO"
    ),
    "own: stopping itself": _python("import os, signal; os.kill(os.getpid(), signal.SIGSTOP)", "TO"),
    "own: a name like the launcher's": _python(
        "import ctypes, time; ctypes.CDLL(None).prctl(15, b'bwrap'); time.sleep(9)", "TO"
    ),
    "own: a link in what was compiled": Hostile(
        "c",
        '#include <unistd.h>\n#include <stdio.h>\nint main(){char b[9];printf("%d",(int)readlink("/proc/self/exe",b,9));}',
        frozenset({None}),
    ),
    "own: ten thousand empty lines on both ways": _python(
        "import sys\nfor _ in range(10_000): print(); print(file=sys.stderr)", None
    ),
}

HONEST = {"language": "python", "version": "*", "files": [{"content": "print(input()[::-1])"}]}
