# SPDX-License-Identifier: BSD-3-Clause
"""What the system tests share: the programs, a running weir, a pair of interfaces, a frozen thread."""

import ctypes
import errno
import itertools
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = ROOT / "tests" / "tools"
sys.path.insert(0, str(TOOLS))

import office_net  # noqa: E402  (found by the line above)

BUILD_FOLDERS = ["build-test", "build", "build-clang"]
OFFICE_PCAP = ROOT / "tests" / "captures" / "office.pcap"
DEADLINE_SEC = 30
PYTHON = "/usr/bin/python3"

wait_for = office_net.wait_for
numbers = itertools.count(1)


def build_folder():
    names = [os.environ["WEIR_BUILD"]] if os.environ.get("WEIR_BUILD") else BUILD_FOLDERS
    for name in names:
        if (ROOT / name / "app" / "weir" / "weir").exists():
            return ROOT / name
    return None


BUILD = build_folder()


def program(name):
    return str(BUILD / "app" / name / name)


def weir(*arguments, code=0, within=None, **options):
    """Runs weir to its end, in a namespace if one is given; asserts its exit code, unless that is None."""
    options.setdefault("timeout", 4 * DEADLINE_SEC)
    command = [program("weir"), *map(str, arguments)]
    done = subprocess.run(
        within.command(*command) if within else command,
        capture_output=True,
        check=False,
        **({} if "stdin" in options or "input" in options else {"stdin": subprocess.DEVNULL}),
        **options,
    )
    done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
    assert code in (None, done.returncode), f"exit code {done.returncode}\n{done.stderr}"
    return done


CLONE_NEWNET = 0x40000000


def made_in(namespace, create):
    """What `create` makes in a namespace, for this process, which stays outside. Sockets stay inside, too."""
    made = []

    def make():
        with open(f"/run/netns/{namespace.name}", "rb") as file:
            if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")
        made.append(create())

    thread = threading.Thread(target=make)  # it alone moves there
    thread.start()
    thread.join()
    return made[0]


def socket_in(namespace, kind=socket.SOCK_STREAM):
    """A socket of IPv4."""
    made = made_in(namespace, lambda: socket.socket(socket.AF_INET, kind))
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return made


def packet_socket_in(namespace, device):
    """A socket that gets every frame of a device."""
    every = socket.htons(3)  # ETH_P_ALL
    made = made_in(namespace, lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, every))
    made.bind((device, 3))
    made.settimeout(DEADLINE_SEC)
    return made


def namespace_name():
    return f"weir-test-{os.getpid()}-{next(numbers)}"


class Wire:
    """A veth pair in a namespace of its own: frames sent into gen0 arrive at eth1."""

    def __init__(self, queues=1):
        self.namespace = office_net.Namespace(namespace_name())
        self.queues = queues

    def __enter__(self):
        self.namespace.create()
        try:
            office_net.add_veth(self.namespace, "gen0", self.namespace, "eth1", self.queues)
            office_net.mute(self.namespace, "gen0", "eth1")
            for device in ("gen0", "eth1"):
                self.namespace.ip("link", "set", device, "up")
        except BaseException:
            self.namespace.destroy()
            raise
        return self

    def __exit__(self, *_):
        self.namespace.destroy()

    def send(self, capture, *options):
        """Sends frames; returns how many and their octets."""
        tool = TOOLS / "send_capture.py"
        said = self.namespace.run(PYTHON, tool, "gen0", capture, *options)
        return tuple(map(int, said.split()))


class Process:
    """A program in the namespace, from when it says that it is ready until the `with` block ends."""

    ready = ""
    stop_signal = signal.SIGTERM

    def __init__(self, namespace, folder):
        self.namespace = namespace
        self.folder = pathlib.Path(folder)
        self.log = self.folder / f"{type(self).__name__.lower()}.log"
        self.process = None

    def __enter__(self):
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                self.namespace.command(*self.command()),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            wait_for(self.is_ready, f"{type(self).__name__} to be ready", DEADLINE_SEC)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def is_ready(self):
        assert self.process.poll() is None, f"{type(self).__name__} ended: {self.text()}"
        return self.ready in self.text()

    def text(self):
        return self.log.read_text(errors="replace")

    def stop(self):
        """Ends the program by its own way to end, which writes out what it has."""
        if self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
            self.process.wait(DEADLINE_SEC)

    def command(self):
        raise NotImplementedError


class Running(Process):
    """`weir run` in a namespace, until its `with` block ends."""

    def __init__(self, namespace, folder, config=None, arguments=(), prefix=()):
        super().__init__(namespace, folder)
        self.prefix = prefix  # words of a command that runs weir
        self.log = self.folder / "weir.log"
        self.sockets = self.folder / "run"
        self.records = self.folder / "flows.jsonl"
        self.arguments = list(arguments)
        if config is not None:
            path = self.folder / "weir.yaml"
            path.write_text(config.format(sockets=self.sockets, records=self.records))
            self.arguments += ["-c", str(path)]
        else:
            self.arguments += ["--socket-dir", str(self.sockets), "-o", str(self.records)]

    def command(self):
        return [*self.prefix, program("weir"), "run", *self.arguments]

    def is_ready(self):
        assert self.process.poll() is None, f"weir ended: {self.text()}"
        return self.call("status").returncode == 0

    def call(self, *arguments):
        return subprocess.run(
            [program("weirctl"), "-s", str(self.sockets / "view.sock"), *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=DEADLINE_SEC,
            check=False,
        )

    def start(self, *arguments):
        """weirctl in the background."""
        return subprocess.Popen(
            [program("weirctl"), "-s", str(self.sockets / "view.sock"), *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ask(self, *arguments):
        """What weirctl answers, as JSON."""
        done = self.call("-o", "json", *arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def counters(self):
        """{scope: {name: value}}"""
        scopes = {}
        for counter in self.ask("stats")["counters"]:
            scopes.setdefault(counter["scope"], {})[counter["name"]] = counter["value"]
        return scopes

    def workers(self):
        return self.counters()["workers"]

    def port(self):
        return next(rows for scope, rows in self.counters().items() if scope.startswith("port"))

    def quiet(self):
        """The counters of the workers once nothing moves any more."""
        last = {}

        def settled():
            now = self.workers()
            steady = now["rx_packets"] == last.get("rx_packets")
            last.update(now)
            return steady and now

        office_net.time.sleep(0.05)
        return wait_for(settled, "the counters to come to rest")

    def assert_ledger(self):
        """Every identity holds, and so says the exit code."""
        done = self.call("audit")
        assert done.returncode == 0, done.stdout + done.stderr
        audit = self.ask("audit")
        assert audit["holds"], audit
        open_ones = [one for one in audit["identities"] if one["judged"] and one["residual"] != 0]
        assert not open_ones, open_ones
        return audit

    def stop(self, number=signal.SIGTERM, deadline_sec=DEADLINE_SEC):
        """Signals weir and gives its exit code."""
        self.process.send_signal(number)
        return self.process.wait(deadline_sec)

    def read_records(self):
        return [json.loads(line) for line in self.records.read_text().splitlines()]

    def pid(self):
        return self.ask("status")["pid"]


# ptrace(2) by number: the requests that seize, interrupt and let go of one thread.
PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_DETACH = 0x4206, 0x4207, 17
WALL = 0x40000000


class Frozen:
    """Stops one thread of a process, and no other, for the length of a `with` block."""

    def __init__(self, pid, name):
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]
        tasks = pathlib.Path(f"/proc/{pid}/task").iterdir()
        names = {int(task.name): (task / "comm").read_text().strip() for task in tasks}
        self.thread = next((tid for tid, comm in names.items() if name in comm), None)
        assert self.thread, f'no thread is called "{name}": {sorted(names.values())}'

    def request(self, number):
        if self.libc.ptrace(number, self.thread, None, None) != 0:
            raise OSError(ctypes.get_errno(), "ptrace")

    def __enter__(self):
        self.request(PTRACE_SEIZE)
        self.request(PTRACE_INTERRUPT)
        os.waitpid(self.thread, WALL)
        return self

    def __exit__(self, *_):
        self.request(PTRACE_DETACH)
