# SPDX-License-Identifier: BSD-3-Clause
"""Collectors that die, freeze, refuse or are not there cost weir their own records, and it knows each one."""

import os
import pathlib
import random
import shutil
import struct
import subprocess
import time

import captures
import harness
import oracle
import pytest
from harness import Running, wait_for
from oracle import TcpOracle, UdpOracle

pytestmark = pytest.mark.namespace

SLOW = bool(os.environ.get("WEIR_SLOW"))
FLOWS = 2000  # in the capture that is sent again and again
RATE = 2000  # frames a second, each the only one of its flow: as many records
RESTARTS = 50 if SLOW else 12
FROZEN_SEC = 31 if SLOW else 3
SETTLE_SEC = 60

CONFIG = """
ports:
  - interface: eth1
    driver: af_xdp
    rx_descriptors: 2048
workers:
  count: 1
flows:
  capacity_per_worker: 65536
  idle_timeout: 100ms
expert:
  stop_deadline: 2s
control:
  directory: {sockets}
outputs:
  - {{name: lines, path: '{records}'}}
"""


def output(**keys):
    return "  - {{" + ", ".join(f"{key}: '{value}'" for key, value in keys.items()) + "}}\n"


def collector(name, **keys):
    """No options but at the start of a session, so that what is sent can be foretold."""
    keys = {"collector": f"{oracle.HOST}:{oracle.PORT}", "options_refresh": "never", **keys}
    return output(name=name, **keys)


def tcp(name, **keys):
    return collector(name, transport="tcp", retry="1s", **keys)


@pytest.fixture(scope="module")
def many_flows(tmp_path_factory):
    """Each frame is a flow of its own."""
    path = tmp_path_factory.mktemp("faults") / "flows.pcap"
    packets = []
    for i in range(FLOWS):
        addresses = bytes([10, 0, i >> 8, i & 255, 10, 1, 0, 1])
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 60, 0, 0, 64, 17, 0) + addresses
        udp = struct.pack("!HHHH", 1000 + i, 53, 40, 0) + bytes(32)
        frame = bytes(6) + b"\x02" + bytes(5) + b"\x08\x00" + ip + udp
        packets.append(captures.Packet(i, len(frame), frame))
    captures.write_pcap(path, packets)
    return path


class Load:
    """Traffic in the background for the length of a `with` block."""

    def __init__(self, wire, capture):
        tool = harness.TOOLS / "send_capture.py"
        words = [harness.PYTHON, tool, "gen0", capture, "--count", 100_000_000, "--rate", RATE]
        self.command = wire.namespace.command(*words)
        self.process = None

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def counters(running, name):
    rows = running.counters()[f"output {name}"]
    return {key.removeprefix("output_"): value for key, value in rows.items()}


def lost(rows):
    return {key[5:]: value for key, value in rows.items() if key.startswith("lost_") and value}


def last_error(running, name):
    exporters = running.ask("exporters")["exporters"]
    return next(one["last_error"] for one in exporters if one["name"] == name)


def packets_of(record):
    return record["packets"] + record.get("rev_packets", 0)


def octets_of(record):
    return record["bytes"] + record.get("rev_bytes", 0)


def settled(running, *names):
    """The counters of outputs, once all flows have ended and two looks at them are the same."""
    last = []

    def is_over():
        nonlocal last
        time.sleep(0.3)
        idle = running.workers()["flows_active"] == 0
        before, last = last, [counters(running, name) for name in names]
        return idle and before == last and not any(row["queued"] for row in last)

    running.quiet()
    wait_for(is_over, "the outputs to come to rest", SETTLE_SEC)
    return last if len(last) > 1 else last[0]


def assert_others_unharmed(running):
    """The ledger closes, no packet was dropped, and the file has every record."""
    running.assert_ledger()
    workers = running.workers()
    assert running.port()["port_missed_packets"] == 0
    assert workers["ring_drop_full"] == 0
    lines = counters(running, "lines")
    assert lines["sent"] == lines["offered"] > 0
    assert lines["sent"] == len(running.read_records())


def assert_loss_is_agreed(rows, stream):
    """What the collector makes of the sequence numbers, and what weir knows."""
    tail = rows["sequence"] - stream.expected  # sent when nobody was there any more
    assert tail >= 0
    assert stream.gap + tail == rows["sequence"] - stream.records
    options_sent = rows["sequence"] - rows["sent"]
    options_lost = options_sent - (stream.records - stream.flows)
    assert stream.gap + tail == rows["sent"] - stream.flows + options_lost
    assert rows["sent"] >= stream.flows and options_lost >= 0
    assert stream.sets_without_template == 0


def test_udp_collector_is_killed_and_restarted(wire, tmp_path, many_flows):
    text = CONFIG + collector("udp")
    with UdpOracle(wire.namespace) as judge, Running(wire.namespace, tmp_path, text) as running:
        with Load(wire, many_flows):
            wait_for(lambda: judge.stream.flows > 100, "records to arrive")
            chance = random.Random(5)
            for _ in range(RESTARTS):
                judge.kill()
                time.sleep(chance.random() / 5)
                judge.start()
                time.sleep(chance.random())
        wait_for(lambda: counters(running, "udp")["link"] == 3, "the link to be up", 10)
        rows = settled(running, "udp")
        assert_others_unharmed(running)
        assert_loss_is_agreed(rows, judge.stream)
        assert judge.stream.gap > 0, "restarts without loss prove nothing"
        assert lost(rows) == {} and rows["sent"] == rows["offered"]
        assert rows["sessions"] == 1
        assert running.stop() == 0


def test_tcp_collector_is_killed_and_restarted(wire, tmp_path, many_flows):
    """What was on its way to one that died is the difference of its own count and weir's, which it is told.

    Of that, weir counts what was not acknowledged; the rest was, but never read."""
    text = CONFIG + tcp("tcp", options_refresh="1h")
    with TcpOracle(wire.namespace) as judge, Running(wire.namespace, tmp_path, text) as running:
        with Load(wire, many_flows):
            chance = random.Random(6)
            for number in range(RESTARTS):
                wait_for(lambda: len(judge.streams) > number, "the next session", 20)
                time.sleep(chance.random() / 4)
                judge.restart()
            wait_for(lambda: len(judge.streams) > RESTARTS, "the last session", 20)
        rows = settled(running, "tcp")
        assert_others_unharmed(running)
        given = rows["sent"] + rows["lost_unacknowledged"]
        assert set(lost(rows)) <= {"unacknowledged"} and given == rows["offered"]
        assert rows["sessions"] == len(judge.streams) == RESTARTS + 1
        for stream in judge.streams:
            assert (stream.gap, stream.sets_without_template) == (0, 0)
        assert judge.flows() <= given
        assert not [flow for flow, count in judge.ids().items() if count > 1], "a record came twice"
        last = judge.streams[-1]
        assert last.expected == rows["sequence"]
        assert running.stop() == 0
        wait_for(lambda: last.flows_sent == given, "the last totals")


def test_frozen_collectors_cost_their_own_records(wire, tmp_path, many_flows):
    """One over TCP and one over UDP stop reading for a while, one never begins to."""
    text = CONFIG + tcp("frozen", queue="64KiB", options_refresh="1s") + collector("deaf")
    never = f"{oracle.HOST}:{oracle.PORT + 1}"
    text += tcp("never", queue="64KiB").replace(f"{oracle.HOST}:{oracle.PORT}", never)
    small = {"buffer_bytes": 4096}
    namespace = wire.namespace
    namespace.sysctl("net.ipv4.tcp_wmem", "4096 16384 65536")  # else megabytes wait in the kernel
    with TcpOracle(namespace, **small) as frozen, UdpOracle(namespace, **small) as deaf:
        with TcpOracle(namespace, oracle.PORT + 1, **small) as mute:
            with Running(namespace, tmp_path, text) as running:
                freeze(wire, many_flows, running, frozen, deaf, mute)


def freeze(wire, many_flows, running, frozen, deaf, mute):
    with Load(wire, many_flows):
        wait_for(lambda: mute.streams and frozen.flows() > 100, "records to arrive", 20)
        for judge in frozen, deaf, mute:
            judge.stop()
        wait_for(lambda: lost(counters(running, "never")), "a queue to fill", SETTLE_SEC)
        time.sleep(FROZEN_SEC)
        running.assert_ledger()
        for judge in frozen, deaf:
            judge.resume()
        time.sleep(1)
    rows, over_udp = settled(running, "frozen", "deaf")
    assert_others_unharmed(running)
    assert set(lost(rows)) <= {"queue_full", "unreachable"}
    assert set(lost(counters(running, "never"))) <= {"queue_full", "unreachable"}
    assert lost(counters(running, "never"))
    assert lost(over_udp) == {} and over_udp["sent"] == over_udp["offered"]
    assert_loss_is_agreed(over_udp, deaf.stream)
    assert deaf.stream.gap > 0
    for stream in frozen.streams:
        assert (stream.gap, stream.sets_without_template) == (0, 0)
    told = frozen.streams[-1].not_sent
    wait_for(lambda: told["flows"] == sum(lost(rows).values()), "its losses to be told")
    if not SLOW:  # after half a minute the kernel gives the connection up
        assert len(frozen.streams) == 1
        assert frozen.flows() == rows["sent"]
        records = running.read_records()
        assert told["packets"] == sum(map(packets_of, records)) - frozen.streams[0].packets
        assert told["octets"] == sum(map(octets_of, records)) - frozen.streams[0].octets
    started = time.monotonic()
    assert running.stop() == 0
    assert time.monotonic() - started < 2 + 5, "the stop has its deadline"


class Disk:
    """A small file system that only weir sees, and this test by way of /proc."""

    def __init__(self, folder, size):
        self.path = pathlib.Path(folder) / "disk"
        self.path.mkdir()
        mount = f'mount -t tmpfs -o size={size} tmpfs {self.path} && exec "$@"'
        self.prefix = ["sh", "-c", mount, "sh"]

    def seen_by(self, running):
        return pathlib.Path("/proc", str(running.process.pid), "root", str(self.path).lstrip("/"))


def test_disk_that_fills_up_costs_whole_records(wire, tmp_path, many_flows):
    disk = Disk(tmp_path, "2m")
    path = disk.path / "flows.ipfix"
    text = CONFIG + output(name="file", path=path, format="ipfix", queue="64KiB")
    with Running(wire.namespace, tmp_path, text, prefix=disk.prefix) as running:
        seen = disk.seen_by(running)
        ballast = seen / "ballast"
        with Load(wire, many_flows):
            wait_for(lambda: counters(running, "file")["sent"] > 1000, "records to be written", 20)
            fill(ballast)
            wait_for(lambda: lost(counters(running, "file")), "the disk to be full", 20)
            assert "the disk is full" in last_error(running, "file")
            running.assert_ledger()
            ballast.unlink()
            before = counters(running, "file")["sent"]
            wait_for(lambda: counters(running, "file")["sent"] > before + 500, "room again", 20)
        rows = settled(running, "file")
        assert_others_unharmed(running)
        assert list(lost(rows)) == ["no_space"]
        copy = tmp_path / "copy.ipfix"
        shutil.copy(seen / path.name, copy)
        written = oracle.read_file(copy)
        assert written.flows == rows["sent"] and written.gap == 0
        assert written.expected == rows["sequence"]
        assert running.stop() == 0


def fill(path):
    with open(path, "wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError as error:
            assert error.errno == harness.errno.ENOSPC


def test_messages_too_long_for_the_path_leave_a_gap(wire, tmp_path, many_flows):
    """They had their numbers, so that the collector knows of exactly as many as weir."""
    text = CONFIG + collector("udp")
    with UdpOracle(wire.namespace) as judge, Running(wire.namespace, tmp_path, text) as running:
        with Load(wire, many_flows):
            wait_for(lambda: judge.stream.flows > 500, "records to arrive")
            wire.namespace.ip("link", "set", "lo", "mtu", 1300)
            wait_for(lambda: counters(running, "udp")["lost_unfit"] > 500, "losses", 20)
            assert "lower mtu" in last_error(running, "udp")
            wire.namespace.ip("link", "set", "lo", "mtu", 65536)
            before = judge.stream.flows
            wait_for(lambda: judge.stream.flows > before + 500, "records again", 20)
        rows = settled(running, "udp")
        assert_others_unharmed(running)
        assert list(lost(rows)) == ["unfit"]
        assert judge.stream.flows == rows["sent"]
        assert judge.stream.gap == rows["lost_unfit"]
        assert judge.stream.expected == rows["sequence"]
        assert judge.stream.sets_without_template == 0
        assert running.stop() == 0


def forbid_by_route(namespace):
    """The routing table says no: EACCES."""
    namespace.ip("route", "del", "local", oracle.HOST, "dev", "lo", "table", "local")
    namespace.ip("route", "add", "prohibit", oracle.HOST, "table", "local")

    def allow():
        namespace.ip("route", "del", "prohibit", oracle.HOST, "table", "local")
        namespace.ip("route", "add", "local", oracle.HOST, "dev", "lo", "table", "local")

    return allow


NFT_RULES = f"""table ip judge {{
    chain out {{
        type filter hook output priority 0; policy accept;
        udp dport {oracle.PORT} drop
    }}
}}"""


def forbid_by_firewall(namespace):
    """The firewall of this host says no: EPERM."""
    if not shutil.which("nft"):
        pytest.skip("nft is not installed")
    done = subprocess.run(
        namespace.command("nft", "-f", "-"),
        input=NFT_RULES,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        pytest.skip(f"nft: {done.stderr.strip().splitlines()[0]}")
    return lambda: namespace.run("nft", "delete", "table", "ip", "judge")


@pytest.mark.parametrize("forbid", [forbid_by_route, forbid_by_firewall])
def test_forbidden_collector_waits_for_leave(wire, tmp_path, many_flows, forbid):
    """Nothing that the kernel refused has a number: no gap, and every loss is known here."""
    text = CONFIG + collector("udp", queue="64KiB")
    with UdpOracle(wire.namespace) as judge, Running(wire.namespace, tmp_path, text) as running:
        with Load(wire, many_flows):
            wait_for(lambda: judge.stream.flows > 500, "records to arrive")
            allow = forbid(wire.namespace)
            wait_for(lambda: lost(counters(running, "udp")), "losses", 20)
            assert "firewall" in last_error(running, "udp")
            running.assert_ledger()
            allow()
            before = judge.stream.flows
            wait_for(lambda: judge.stream.flows > before + 500, "records again", 20)
        rows = settled(running, "udp")
        assert_others_unharmed(running)
        assert list(lost(rows)) == ["unreachable"]
        assert judge.stream.flows == rows["sent"]
        assert judge.stream.gap == 0
        assert judge.stream.expected == rows["sequence"]
        assert running.stop() == 0


def test_name_that_nobody_knows_costs_only_its_output(wire, tmp_path, many_flows):
    nowhere = "collector.invalid:4739"
    text = CONFIG + collector("udp") + collector("lost", queue="64KiB", collector=nowhere)
    with UdpOracle(wire.namespace) as judge, Running(wire.namespace, tmp_path, text) as running:
        with Load(wire, many_flows):
            wait_for(lambda: lost(counters(running, "lost")), "a queue to fill", 20)
        rows = settled(running, "udp")
        assert_others_unharmed(running)
        assert list(lost(counters(running, "lost"))) == ["unreachable"]
        assert nowhere in last_error(running, "lost")
        assert judge.stream.flows == rows["sent"] == rows["offered"]
        assert judge.stream.gap == 0
        assert running.stop() == 0


def test_a_long_replay_tells_all_its_losses(wire, tmp_path):
    """A collector that goes away in the middle of a replay: weir's last word is what it lost."""
    made = tmp_path / "long.pcap"
    tool = harness.BUILD / "tests" / "tools" / "make_capture"
    words = ["--packets", "300000", "--flows", "60000", "--seed", "3", "--rate", "3000", "--snap", "80"]
    subprocess.run([tool, *words, made], check=True)
    flows = tmp_path / "flows.jsonl"
    with TcpOracle(wire.namespace) as judge:
        url = f"ipfix://{oracle.HOST}:{oracle.PORT}?transport=tcp&retry=1s"
        command = [harness.program("weir"), "replay", "--quiet", "-o", flows, "--export", url, made]
        with subprocess.Popen(wire.namespace.command(*command)) as replay:
            wait_for(lambda: judge.flows() > 5000, "records to arrive", 20)
            judge.stop()  # the replay waits for it
            time.sleep(1)
            assert replay.poll() is None
            held = judge.flows()
            judge.resume()
            wait_for(lambda: judge.flows() > held + 5000, "more of them", 20)
            assert replay.wait(harness.DEADLINE_SEC) == 0
        wait_for(lambda: judge.connection is None, "the end of the session")
    records = captures.read_jsonl(flows.read_text())
    [stream] = judge.streams
    assert stream.flows == stream.flows_sent == len(records) and stream.gap == 0
    assert stream.packets == sum(map(packets_of, records))
    assert stream.octets == sum(map(octets_of, records))
    assert stream.not_sent == {"flows": 0, "packets": 0, "octets": 0}
