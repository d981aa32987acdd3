#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""A small office in private network namespaces, with a mirror port to measure at.

    PREFIX-client                 PREFIX-probe                        PREFIX-server
    desk0 ------------- port0 -+- switch0 -+- port1 ------------- rack0
    192.0.2.10..14             |           |                      192.0.2.80, .53
    2001:db8::10..14           +- mirror --+                      2001:db8::80, ::53
                                  |
                                  eth1   <- weir run -i eth1

The switch learns nothing, so it floods: what crosses it in either direction comes out of the mirror
port once. All offloads are off, because a frame that the kernel merged or has yet to cut was never on
a wire. Nothing leaves the namespaces, and nothing on the host is touched.
"""

import argparse
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
TRAFFIC = HERE / "office_traffic.py"
CLIENTS_4 = [f"192.0.2.{host}" for host in range(10, 15)]
CLIENTS_6 = [f"2001:db8::{host}" for host in range(10, 15)]
SERVERS_4 = ["192.0.2.80", "192.0.2.53"]
SERVERS_6 = ["2001:db8::80", "2001:db8::53"]
OFFLOADS = ["tso", "gso", "gro", "tx", "rx", "sg"]
DEADLINE_SEC = 10


class NetworkError(Exception):
    """A step of the set-up that the system refused; the text says which and why."""


def call(*command, check=True):
    done = subprocess.run(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if check and done.returncode != 0:
        cause = (done.stderr or done.stdout).strip().splitlines()
        raise NetworkError(f"{' '.join(map(str, command))}: {cause[-1] if cause else 'failed'}")
    return done.stdout


def wait_for(condition, what, deadline_sec=DEADLINE_SEC):
    """Returns what `condition` gives as soon as it is true."""
    end = time.monotonic() + deadline_sec
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise NetworkError(f"waited {deadline_sec} s for {what}")
        time.sleep(0.02)


class Namespace:
    """One network namespace, made and taken away by its owner."""

    def __init__(self, name):
        self.name = name

    def create(self):
        call("ip", "netns", "add", self.name)
        self.sysctl("net.ipv6.conf.default.accept_dad", 0)
        self.sysctl("net.ipv6.conf.default.router_solicitations", 0)
        self.ip("link", "set", "lo", "up")

    def destroy(self):
        call("ip", "netns", "del", self.name, check=False)

    def command(self, *words):
        return ["ip", "netns", "exec", self.name, *[str(word) for word in words]]

    def run(self, *words, check=True):
        return call(*self.command(*words), check=check)

    def ip(self, *words):
        return call("ip", "-n", self.name, *words)

    def sysctl(self, key, value):
        path = "/proc/sys/" + key.replace(".", "/")
        self.run("sh", "-c", f"[ ! -e {path} ] || echo {value} > {path}")

    def counters(self, device):
        """The kernel's counters of a device, as a dictionary."""
        folder = f"/sys/class/net/{device}/statistics"
        text = self.run("sh", "-c", f"cd {folder} && grep -H . *")
        return {key: int(value) for key, value in (line.split(":") for line in text.split())}


def add_veth(left, left_device, right, right_device, queues=1):
    left.ip("link", "add", "dev", left_device, "numrxqueues", queues, "numtxqueues", queues, "type",
            "veth", "peer", "name", right_device, "numrxqueues", queues, "numtxqueues", queues,
            "netns", right.name)  # fmt: skip
    for namespace, device in ((left, left_device), (right, right_device)):
        for offload in OFFLOADS:
            namespace.run("ethtool", "-K", device, offload, "off", check=False)


def mute(namespace, *devices):
    """Keeps the kernel from sending anything of its own accord through the devices."""
    for device in devices:
        namespace.sysctl(f"net.ipv6.conf.{device}.disable_ipv6", 1)


class Office:
    """The three namespaces of the drawing above."""

    def __init__(self, prefix):
        self.client = Namespace(f"{prefix}-client")
        self.server = Namespace(f"{prefix}-server")
        self.probe = Namespace(f"{prefix}-probe")
        self.all = (self.client, self.server, self.probe)

    def up(self):
        self.wire()
        self.open()

    def wire(self):
        """The switch and its wires; nobody is there to send yet."""
        try:
            self.build()
        except BaseException:
            self.down()
            raise

    def open(self):
        """Hosts get their addresses, and the kernels say hello to each other."""
        self.address(self.client, "desk0", CLIENTS_4, CLIENTS_6)
        self.address(self.server, "rack0", SERVERS_4, SERVERS_6)

    def build(self):
        for namespace in self.all:
            namespace.create()
        probe = self.probe
        probe.ip("link", "add", "dev", "switch0", "type", "bridge", "ageing_time", 0,
                 "mcast_snooping", 0)  # fmt: skip
        add_veth(self.client, "desk0", probe, "port0")
        add_veth(self.server, "rack0", probe, "port1")
        add_veth(probe, "mirror", probe, "eth1")
        mute(probe, "switch0", "port0", "port1", "mirror", "eth1")
        for device in ("port0", "port1", "mirror"):
            probe.ip("link", "set", device, "master", "switch0")
        for device in ("port0", "port1", "mirror", "eth1", "switch0"):
            probe.ip("link", "set", device, "up")

    @staticmethod
    def address(namespace, device, addresses_4, addresses_6):
        namespace.sysctl(f"net.ipv6.conf.{device}.addr_gen_mode", 1)
        for address in addresses_4:
            namespace.ip("address", "add", f"{address}/24", "dev", device)
        for address in addresses_6:
            namespace.ip("address", "add", f"{address}/64", "dev", device, "nodad")
        namespace.ip("link", "set", device, "up")

    def down(self):
        for namespace in self.all:
            namespace.destroy()

    def start_servers(self):
        """The servers' process, listening; close its standard input to end it."""
        process = subprocess.Popen(
            self.server.command("/usr/bin/python3", TRAFFIC, "serve"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if process.stdout.readline().strip() != "ready":
            process.kill()
            process.wait()
            raise NetworkError("the servers did not start")
        return process

    def talk(self, *options):
        """Runs the servers, lets the clients work, ends both. Gives what the clients did."""
        servers = self.start_servers()
        try:
            return self.client.run("/usr/bin/python3", TRAFFIC, "work", *options)
        finally:
            servers.stdin.close()
            servers.wait(DEADLINE_SEC)
            servers.stdout.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("action", choices=["up", "talk", "down"])
    parser.add_argument("prefix", help="the first part of the namespaces' names")
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="options of the clients")
    options = parser.parse_args()
    office = Office(options.prefix)
    try:
        if options.action == "up":
            office.up()
        elif options.action == "down":
            office.down()
        else:
            print(office.talk(*options.rest), end="")
    except NetworkError as error:
        print(f"office_net: {error}", file=sys.stderr)
        return 71
    return 0


if __name__ == "__main__":
    sys.exit(main())
