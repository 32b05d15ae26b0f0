"""Hostile programs as data: what each tries, by the name of the try. Wherever code runs, each must find it closed.

A try is a Python expression, or a few of them in a tuple. It is closed when it raises. Numbers are x86-64's system calls.
"""

from __future__ import annotations

import json

HEAD = """
import ctypes, fcntl, glob, json, os, pty, resource, socket, struct, sys, time
libc = ctypes.CDLL(None, use_errno=True)
room = ctypes.create_string_buffer(4096)
def call(number, *arguments):
    if libc.syscall(ctypes.c_long(number), *[ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return number
def connect(place, family=socket.AF_UNIX):
    one = socket.socket(family, socket.SOCK_STREAM); one.settimeout(2); one.connect(place); return one
def vector(address=0x400000): return struct.pack('QQ', address, 8)
"""

# Rows of the project's list of hostile cases that are a way out or a look where nobody may look.
LISTED = {
    "16-outside-address": "socket.create_connection(('1.1.1.1', 80), 2)",
    "17-name-lookup": "socket.getaddrinfo('example.org', 80)",
    "18-services-on-localhost": "socket.create_connection(('127.0.0.1', 8000), 2)",
    "19-cloud-metadata": "socket.create_connection(('169.254.169.254', 80), 2)",
    "20-shadow": "open('/etc/shadow').read()",
    "22-write-to-usr": "open('/usr/evil', 'w')",
    "22-write-to-etc": "open('/etc/evil', 'w')",
    "22-write-to-root": "open('/evil', 'w')",
    "22-write-to-packages": "open(sys.prefix + '/lib/evil.pth', 'w')",
    "26-mount": "call(165, b'none', b'/tmp', b'tmpfs', 0, None)",
    "26-chroot": "os.chroot('/tmp')",
    "26-user-namespace": "call(272, 0x10000000)",
    "26-mount-namespace": "call(272, 0x20000)",
    "26-pid-namespace": "call(272, 0x20000000)",
    "26-set-host-name": "socket.sethostname('evil')",
    "26-become-root": "os.setuid(0)",
    "26-reboot": "call(169, 0xfee1dead, 672274793, 0, 0)",
    "29-write-to-proc-sys": "os.write(os.open('/proc/sys/kernel/hostname', os.O_WRONLY), b'evil')",
    "29-look-into-init": "os.listdir('/proc/1/root')",
    "30-kernel-log": "call(103, 3, room, 100)",
}

OWN = {
    "vsock": "socket.socket(40, socket.SOCK_STREAM)",
    "raw-packets": "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
    "kernel-crypto": "socket.socket(38, socket.SOCK_SEQPACKET)",
    "netlink": "socket.socket(16, socket.SOCK_RAW, 0)",
    "multipath-tcp": "socket.socket(2, 1, 262)",
    "ipv6": "socket.socket(socket.AF_INET6)",
    "bluetooth": "socket.socket(31, socket.SOCK_RAW, 1)",
    "can-bus": "socket.socket(29, socket.SOCK_RAW, 1)",
    "express-data-path": "socket.socket(44, socket.SOCK_RAW)",
    "listen-on-tcp": "socket.create_server(('0.0.0.0', 9999))",
    "io-uring": "call(425, 1, room)",
    "bpf": "call(321, 0, room, 120)",
    "userfaultfd": "call(323, 0)",
    "keyring": "call(248, b'user', b'k', b'v', 1, -3)",
    "keyctl": "call(250, 0, -3, 1)",
    "request-key": "call(249, b'user', b'k', None, -3)",
    "ptrace-me": "call(101, 0, 0, 0, 0)",
    "ptrace-the-parent": "call(101, 0x4206, os.getppid(), 0, 0)",
    "perf-events": "call(298, room, 0, -1, -1, 0)",
    "handle-of-a-file": "call(303, -100, b'/etc/passwd', room, room, 0)",
    "open-by-handle": "call(304, -100, room, 0)",
    "namespaces-by-clone3": "call(435, struct.pack('8Q', 0x10000000, 0, 0, 0, 17, 0, 0, 0), 64)",
    "namespaces-by-clone": "call(56, 0x10000000 | 17, 0, 0, 0, 0)",
    "time-namespace": "call(272, 0x80)",
    "cgroup-namespace": "call(272, 0x02000000)",
    "enter-a-namespace": "call(308, os.open('/proc/self/ns/mnt', os.O_RDONLY), 0)",
    "take-a-descriptor": "call(438, os.pidfd_open(os.getppid()), 1, 0)",
    "read-other-memory": "call(310, os.getppid(), vector(ctypes.addressof(room)), 1, vector(), 1, 0)",
    "write-other-memory": "call(311, os.getppid(), vector(ctypes.addressof(room)), 1, vector(), 1, 0)",
    "memory-of-the-parent": "open(f'/proc/{os.getppid()}/mem', 'rb', 0).read(1)",
    "descriptors-of-the-parent": "os.listdir(f'/proc/{os.getppid()}/fd')",
    "environment-of-init": "open('/proc/1/environ').read(1)",
    "compare-processes": "call(312, os.getpid(), 1, 0, 0, 0)",
    "advise-other-memory": "call(440, os.pidfd_open(os.getppid()), vector(), 1, 4, 0)",
    "secret-memory": "call(447, 0)",
    "open-tree": "call(428, -100, b'/', 1)",
    "fsopen": "call(430, b'tmpfs', 0)",
    "fspick": "call(433, -100, b'/', 0)",
    "move-mount": "call(429, -100, b'/tmp', -100, b'/home', 0)",
    "mount-attributes": "call(442, -100, b'/', 0, room, 32)",
    "pivot-root": "call(155, b'/tmp', b'/tmp')",
    "unmount": "call(166, b'/tmp', 2)",
    "kexec": "call(246, 0, 0, None, 0)",
    "load-a-module": "call(175, room, 100, b'')",
    "load-a-module-by-descriptor": "call(313, 0, b'', 0)",
    "swap": "call(167, b'/tmp/swap', 0)",
    "set-the-clock": "time.clock_settime(time.CLOCK_REALTIME, 0)",
    "adjust-the-clock": "call(159, room)",
    "personality": "call(135, 0x0400000)",
    "input-and-output-ports": "call(172, 3)",
    "segment-descriptors": "call(154, 0, room, 16)",
    "accounting": "call(163, b'/tmp/account')",
    "quotas": "call(179, 0, None, 0, None)",
    "watch-all-files": "call(300, 0, 0)",
    "hang-up-the-terminal": "call(153)",
    "type-into-a-terminal": "fcntl.ioctl(pty.openpty()[1], 0x5412, b'x')",
    "core-pattern": "open('/proc/sys/kernel/core_pattern', 'w')",
    "system-request": "open('/proc/sysrq-trigger', 'w')",
    "cgroup": "[open(file, 'w') for file in glob.glob('/sys/fs/cgroup/**/cgroup.procs', recursive=True)][0]",
    "out-of-memory-score": "os.write(os.open('/proc/self/oom_score_adj', os.O_WRONLY), b'-500')",
    "raise-a-limit": "resource.setrlimit(resource.RLIMIT_NOFILE, (1 << 20, 1 << 20))",
    "kernel-messages": "open('/dev/kmsg')",
    "memory-device": "open('/dev/mem', 'rb')",
    "fuse": "open('/dev/fuse', 'rb+', 0)",
    "virtual-machines": "open('/dev/kvm', 'rb+', 0)",
    "tunnel": "open('/dev/net/tun', 'rb+', 0)",
    "loop-device": "open('/dev/loop-control', 'rb+', 0)",
    "block-device": "os.mknod('/tmp/disk', 0o60600, os.makedev(8, 0))",
    "character-device": "os.mknod('/tmp/null', 0o20666, os.makedev(1, 3))",
    "hard-link-to-a-system-file": "os.link('/etc/passwd', '/tmp/passwd')",
    "give-a-file-to-root": "os.chown(os.mkdir('/tmp/given') or '/tmp/given', 0, 0)",
    "somebody-s-abstract-socket": "connect('\\0greenroom')",
    "docker-s-socket": "connect('/var/run/docker.sock')",
}
"""Cases of this project's own, after the newest kernel interfaces."""

IN_A_KERNEL = {
    "link-to-secrets": "os.symlink('/proc/self/environ', 'link')",
    "link-to-settings": "os.symlink('/etc/passwd', 'link')",
    "link-moved-in": "(os.symlink('/etc/passwd', '/tmp/moved'), os.rename('/tmp/moved', 'moved'))",
    "hard-link-moved-in": "(open('/tmp/hard', 'w'), os.link('/tmp/hard', 'hard'))",
    "pipe-in-the-home": "os.mkfifo('pipe')",
    "socket-in-the-home": "socket.socket(socket.AF_UNIX).bind('socket')",
    "device-in-the-home": "os.mknod('device', 0o20666, os.makedev(1, 3))",
    "the-guest-s-socket": "connect('/run/guest/guest.sock')",
    "the-guest-s-token": "open('/run/guest/token').read()",
    "change-what-starts-kernels": "[open(f, 'r+') for f in ('/run/kernel_main.py', '/opt/greenroom/kernel/kernel_main.py') if os.path.exists(f)][0]",
    "own-connection-file": "open(sys.argv[-1] if '-f' not in sys.argv else sys.argv[sys.argv.index('-f') + 1], 'r+')",
    "a-file-among-the-sockets": "open(glob.glob('/run/k/*')[0] + '/large', 'w')",
    "a-link-among-the-sockets": "os.symlink('/run/agent/service.sock', os.path.dirname(sys.argv[-1]) + '/s-9')",
    "another-door": "socket.socket(socket.AF_UNIX).bind('/run/greenroom/door.sock')",
    "freeze-a-kernel-by-cgroup": "open(glob.glob('/sys/fs/cgroup/**/*freeze*', recursive=True)[0], 'w')",
}
"""What only a kernel of a session has in reach: the home it shares over time, sockets it shares with the guest."""

CLOSED = LISTED | OWN

WORKS = {
    "P1-numpy-and-pandas": "import numpy as np, pandas as pd\nassert pd.DataFrame({'a': np.arange(9.)}).a.sum() == 36",
    "P2-a-plot": "import io, matplotlib; matplotlib.use('agg')\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]); kept = io.BytesIO(); plt.savefig(kept)\nassert kept.getvalue()[1:4] == b'PNG'",
    "P3-a-pool-by-fork": "import multiprocessing as mp\ndef square(x): return x * x\nwith mp.get_context('fork').Pool(2) as pool: assert pool.map(square, [2, 3]) == [4, 9]",
    "P4-shared-memory-and-a-server-process": "from multiprocessing import shared_memory, Manager\none = shared_memory.SharedMemory(create=True, size=1 << 20); one.buf[0] = 1; one.close(); one.unlink()\nmanager = Manager(); kept = manager.dict(); kept['a'] = 1; manager.shutdown()",
    "P5-a-pool-by-spawn": "import subprocess, sys\nprogram = '''import multiprocessing as mp\nfrom concurrent.futures import ProcessPoolExecutor as Pool\nif __name__ == \"__main__\":\n  with Pool(2, mp_context=mp.get_context(\"spawn\")) as pool: print(list(pool.map(abs, [-1, 2])))'''\nopen('spawn.py', 'w').write(program)\nassert subprocess.run([sys.executable, 'spawn.py'], capture_output=True, text=True, timeout=60).stdout == '[1, 2]\\n'",
    "P6-threads-files-programs-databases": "import sqlite3, subprocess, tempfile, threading\nthread = threading.Thread(target=print); thread.start(); thread.join()\nwith tempfile.NamedTemporaryFile() as file: sqlite3.connect(file.name + 'q').execute('create table a (b)')\nassert 'bin' in subprocess.check_output(['ls', '/usr'], text=True)",
    "P7-the-work-folder": "import os\nos.makedirs('d/e', exist_ok=True); open('d/a', 'w').write('x'); os.rename('d/a', 'd/e/a'); assert open('d/e/a').read() == 'x'",
}
"""What honest programs do, and must go on doing."""


def everything(tries: dict[str, str]) -> str:
    """One program that makes all these tries and prints what became of each, as JSON."""
    return f"""{HEAD}
answers = {{}}
for name, what in json.loads({json.dumps(json.dumps(tries))}).items():
    try: answers[name] = f'OPEN {{eval(what)}}'
    except Exception as error: answers[name] = f'closed {{type(error).__name__}} {{error}}'
print('ANSWERS', json.dumps(answers))
"""


def answers(printed: str) -> dict[str, str]:
    """What became of each try."""
    found: dict[str, str]
    found, _ = json.JSONDecoder().raw_decode(printed.split("ANSWERS ", 1)[1])
    return found
