# SPDX-License-Identifier: BSD-3-Clause
"""weir run on real interfaces in private namespaces: every frame is counted, and told."""

import re
import signal

import captures
import harness
import pytest
from harness import OFFICE_PCAP, Frozen, Running, Wire, wait_for

pytestmark = pytest.mark.namespace

UNAVAILABLE, CONFIG = 69, 78

# AF_XDP counts its drops only from 2048 descriptors on.
EXACT = """
ports:
  - interface: eth1
    driver: af_xdp
    rx_descriptors: 2048
workers:
  count: 1
flows:
  capacity_per_worker: 65536
outputs:
  - path: {records}
control:
  directory: {sockets}
"""


def written_packets(running):
    return sum(r["packets"] + r.get("rev_packets", 0) for r in running.read_records())


def sent_by_hosts(office):
    """What the kernel counts at the hosts' own ends.

    The mirror's end is no judge: of a veth whose peer has an XDP program the kernel counts octets
    without the Ethernet header.
    """
    desk, rack = office.client.counters("desk0"), office.server.counters("rack0")
    return desk["tx_packets"] + rack["tx_packets"], desk["tx_bytes"] + rack["tx_bytes"]


def test_the_office_is_metered_to_the_packet_and_byte(office, tmp_path):
    """What the kernel sent into the wire is what weir received, and what its records hold."""
    with Running(office.probe, tmp_path, EXACT) as running:
        office.open()
        office.talk("--rounds", "2")
        workers = running.quiet()
        packets, octets = sent_by_hosts(office)
        assert packets > 300
        assert workers["rx_packets"] == packets
        assert workers["rx_octets"] == octets
        port = running.port()
        assert port["port_received_packets"] == packets
        assert port["port_received_octets"] == octets
        assert port["port_missed_packets"] == 0
        running.assert_ledger()
        assert running.stop() == 0
        assert written_packets(running) == workers["metered_packets"]
        records = running.read_records()
    assert sum(r["bytes"] + r.get("rev_bytes", 0) for r in records) == workers["metered_octets"]
    kinds = {(record["proto"], ":" in record["src_ip"]) for record in records}
    assert {(6, False), (6, True), (17, False), (17, True), (1, False), (58, True)} <= kinds


def test_live_records_are_those_of_a_replay(wire, tmp_path):
    with Running(wire.namespace, tmp_path, EXACT) as running:
        sent, octets = wire.send(OFFICE_PCAP)
        wait_for(lambda: running.workers()["rx_packets"] == sent, "all frames to be received")
        assert running.workers()["rx_octets"] == octets
        running.assert_ledger()
        assert running.stop() == 0
        records = running.read_records()
    flows, _ = captures.meter(captures.read_pcap(OFFICE_PCAP))
    assert captures.sum_records(records) == flows


def run_refused(namespace, folder, config=EXACT):
    """What `weir run` says when it does not start, and its exit code."""
    running = Running(namespace, folder, config)
    done = harness.subprocess.run(
        namespace.command(harness.program("weir"), "run", *running.arguments),
        capture_output=True,
        text=True,
        timeout=harness.DEADLINE_SEC,
        check=False,
    )
    assert 1 <= len(done.stderr.strip().splitlines()) <= 3, done.stderr
    return done.returncode, done.stderr


def test_two_workers_share_an_interface(tmp_path):
    config = EXACT.replace("count: 1", "count: 2").replace("af_xdp", "af_packet")
    with Wire(queues=2) as wire, Running(wire.namespace, tmp_path, config) as running:
        sent, octets = wire.send(OFFICE_PCAP, "--rate", 2000)
        wait_for(lambda: running.workers()["rx_packets"] == sent, "all frames to be received")
        assert running.workers()["rx_octets"] == octets
        busy = [worker["received_packets"] for worker in running.ask("workers")["workers"]]
        assert len(busy) == 2 and sum(busy) == sent
        running.assert_ledger()


def test_queues_that_no_worker_would_read_are_refused(tmp_path):
    """Their packets would pass uncounted; the cure is told."""
    with Wire(queues=2) as wire:
        code, said = run_refused(wire.namespace, tmp_path)
    assert code == CONFIG
    assert "ethtool -L eth1 rx 1" in said


def test_auto_says_why_it_does_not_take_af_xdp(tmp_path):
    config = EXACT.replace("driver: af_xdp", "driver: auto")
    with Wire(queues=2) as wire, Running(wire.namespace, tmp_path, config) as running:
        port = running.ask("ports")["ports"][0]
        assert port["driver"] == "net_af_packet"
        assert "AF_XDP" in port["note"]


def test_af_packet_says_that_its_drops_are_unknown(wire, tmp_path):
    config = EXACT.replace("af_xdp", "af_packet")
    with Running(wire.namespace, tmp_path, config) as running:
        wire.send(OFFICE_PCAP, "--rate", 5000)
        assert running.quiet()["rx_packets"] > 0
        port = running.ask("ports")["ports"][0]
        assert port["drops_observable"] is False and port["missed_packets"] is None
        assert port["note"]
        audit = running.assert_ledger()
        assert audit["unknown"] >= 1
        assert running.stop() == 0
        assert "cannot report drops" in running.text()


def test_a_stalled_worker_loses_nothing_silently(wire, tmp_path):
    count = 20000
    with Running(wire.namespace, tmp_path, EXACT) as running:
        with Frozen(running.pid(), "weir-w00"):
            sent, _ = wire.send(OFFICE_PCAP, "--count", count)
            stalled = running.ask("status")
            assert stalled["pid"]
        running.quiet()
        port = running.port()
        received, missed = port["port_received_packets"], port["port_missed_packets"]
        assert missed > 0
        assert received + missed == sent == count
        losses = {(loss["where"], loss["what"]): loss["count"] for loss in running.ask("drops")["losses"]}
        assert [n for (where, what), n in losses.items() if what == "missed"] == [missed]
        assert "no worker took them in time" in running.call("drops").stdout
        running.assert_ledger()
        again, _ = wire.send(OFFICE_PCAP)
        wait_for(lambda: running.port()["port_received_packets"] == received + again, "recovery")
        running.assert_ledger()


def test_live_flows_are_listed_without_an_end(wire, tmp_path):
    with Running(wire.namespace, tmp_path, EXACT) as running:
        sent, _ = wire.send(OFFICE_PCAP)
        wait_for(lambda: running.workers()["rx_packets"] == sent, "all frames to be received")
        flows = running.ask("flows", "--limit", "5")["flows"]
        octets = [flow["bytes"] + flow["rev_bytes"] for flow in flows]
        assert len(flows) == 5 and octets == sorted(octets, reverse=True)
        by_packets = running.ask("flows", "--limit", "5", "--sort", "packets")["flows"]
        packets = [flow["packets"] + flow["rev_packets"] for flow in by_packets]
        assert packets == sorted(packets, reverse=True)
        assert running.workers()["records_forced"] == 0


def test_flows_end_by_the_clock_without_traffic(wire, tmp_path):
    config = EXACT.replace("flows:", "flows:\n  idle_timeout: 300ms\n  tcp_linger: 100ms")
    with Running(wire.namespace, tmp_path, config) as running:
        sent, _ = wire.send(OFFICE_PCAP)
        wait_for(lambda: running.workers()["rx_packets"] == sent, "all frames to be received")
        wait_for(lambda: running.workers()["flows_active"] == 0, "every flow to end")
        workers = running.workers()
        assert workers["records_forced"] == 0
        assert workers["records_idle"] > 0 and workers["records_detected"] > 0
        wait_for(lambda: written_packets(running) == workers["metered_packets"], "the records")
        running.assert_ledger()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_flushes_every_live_flow(number, wire, tmp_path):
    with Running(wire.namespace, tmp_path, EXACT) as running:
        sent, _ = wire.send(OFFICE_PCAP)
        wait_for(lambda: running.workers()["rx_packets"] == sent, "all frames to be received")
        metered = running.workers()["metered_packets"]
        assert running.stop(number, deadline_sec=10) == 0
        assert written_packets(running) == metered
        assert any(record["end_reason"] == "forced" for record in running.read_records())
        assert "closes" in running.text()


def test_a_second_instance_is_refused(wire, tmp_path):
    with Running(wire.namespace, tmp_path, EXACT) as running:
        code, said = run_refused(wire.namespace, tmp_path)
        assert code == UNAVAILABLE
        assert str(running.pid()) in said
        assert running.is_ready()


def test_sighup_opens_the_output_again(wire, tmp_path):
    """As logrotate does it: rename, signal, and the new file takes what comes then."""
    with Running(wire.namespace, tmp_path, EXACT) as running:
        old = running.records.with_suffix(".1")
        wait_for(running.records.exists, "the output file")
        running.records.rename(old)
        running.process.send_signal(signal.SIGHUP)
        wait_for(running.records.exists, "the output file to be made again")
        sent, _ = wire.send(OFFICE_PCAP)
        wait_for(lambda: running.workers()["rx_packets"] == sent, "all frames to be received")
        running.assert_ledger()
        assert running.stop() == 0
        assert old.read_text() == ""
        flows, _ = captures.meter(captures.read_pcap(OFFICE_PCAP))
        assert captures.sum_records(running.read_records()) == flows


def test_offloads_of_the_interface_are_switched_off(wire, tmp_path):
    """A merged frame was never on the wire: its octets would be wrong."""
    wire.namespace.run("ethtool", "-K", "eth1", "gro", "on", check=False)
    with Running(wire.namespace, tmp_path, EXACT):
        shown = wire.namespace.run("ethtool", "-k", "eth1")
        assert "generic-receive-offload: off" in shown


def test_an_interface_by_name_needs_no_file(wire, tmp_path):
    with Running(wire.namespace, tmp_path, arguments=["-i", "eth1"]) as running:
        assert running.ask("ports")["ports"][0]["device"] == "eth1"


def test_the_default_route_is_not_taken(tmp_path):
    with Wire() as wire:
        wire.namespace.ip("address", "add", "192.0.2.1/24", "dev", "eth1")
        wire.namespace.ip("route", "add", "default", "via", "192.0.2.254", "dev", "eth1")
        code, said = run_refused(wire.namespace, tmp_path)
    assert code == UNAVAILABLE
    assert "default route" in said


def test_what_was_dropped_is_told_with_its_reason(office, tmp_path):
    with Running(office.probe, tmp_path, EXACT) as running:
        office.open()
        office.talk()
        running.quiet()
        drops = running.ask("drops")
        happened = {r["reason"]: r for r in drops["reasons"] if r["packets"]}
        assert happened["non_ip"]["packets"] == drops["not_metered_packets"] > 0
        assert 0 <= happened["non_ip"]["ago_ns"] < 60 * captures.NS
        text = running.call("drops").stdout
        assert "non_ip" in text and "ago" in text and "nothing was lost" in text


BROKEN = {
    "non_ip": bytes(12) + b"\x08\x06" + bytes(46),
    "malformed_ipv4": bytes(12) + b"\x08\x00\x44" + bytes(45),
    "truncated_link": bytes(12) + b"\x88\x64\x11" + bytes(45),
    "filtered": bytes(12) + b"\x08\x00\x45\x00\x00\x14" + bytes(5) + b"\x63" + bytes(36),
}


def drops_table(text):
    """{reason: (packets, rest of its row)} in the order of the screen."""
    rows = [line.split(None, 2) for line in text.splitlines() if re.search(r" %  | ago  |never", line)]
    return {row[0]: (int(row[1]), row[2]) for row in rows if row[1].isdigit()}


def test_drops_are_exact_and_sorted_and_watched(wire, tmp_path):
    counts = {"non_ip": 3, "malformed_ipv4": 5, "truncated_link": 2, "filtered": 1}
    frames = [BROKEN[reason] for reason, count in counts.items() for _ in range(count)]
    path = tmp_path / "broken.pcap"
    captures.write_pcap(path, [captures.Packet(captures.NS, len(f), f) for f in frames])
    with Running(wire.namespace, tmp_path, EXACT + 'filter: "not ip proto 99"\n') as running:
        nothing = running.call("drops").stdout
        assert "every one metered" in nothing and "nothing was lost" in nothing
        assert drops_table(nothing) == {}
        sent, octets = wire.send(path)
        assert running.quiet()["rx_packets"] == sent == len(frames)
        drops = running.ask("drops")
        happened = {row["reason"]: row["packets"] for row in drops["reasons"] if row["packets"]}
        assert happened == counts
        assert sum(row["octets"] for row in drops["reasons"]) == octets
        text = running.call("--exact", "drops").stdout
        shown = drops_table(text)
        assert list(shown) == sorted(counts, key=counts.get, reverse=True)
        assert {reason: row[0] for reason, row in shown.items()} == counts
        assert all("ago" in row[1] for row in shown.values())
        assert "non_ip: frame carries no IP" in text and "truncated_ipv4" not in text
        every = drops_table(running.call("--exact", "--all", "drops").stdout)
        assert every["table_full"][0] == 0 and "never" in every["table_full"][1]
        watching = running.start("--watch=1", "drops")
        wait_for(lambda: watching.stdout.readline().startswith("REASON"), "a first screen")
        wait_for(lambda: watching.stdout.readline().startswith("REASON"), "a second screen")
        watching.kill()
        watching.communicate()
        running.assert_ledger()


def test_a_trace_shows_packets_as_they_come(office, tmp_path):
    """Its flows are those of the records, and the ledger does not notice."""
    with Running(office.probe, tmp_path, EXACT) as running:
        office.open()
        office.talk()
        tracing = running.start("trace", "4", "tcp", "--seconds", "30")
        wait_for(lambda: office.talk() or tracing.poll() is not None, "the trace to end", 30)
        said, told = tracing.communicate()
        assert tracing.returncode == 0, told
        assert said.count("packet ") >= 4 and "4 packets in" in told
        assert said.count(" > ") and "TCP" in said and "UDP" not in said
        running.quiet()
        running.assert_ledger()
        done = running.call("trace", "1", "tcp prt 80")
        assert done.returncode != 0 and "prt" in done.stderr
        done = running.call("trace", "1", "--seconds", "1", "host", "203.0.113.77")
        assert done.returncode == 0 and "0 packets in" in done.stderr
        running.stop()
        ids = {record["flow_id"] for record in running.read_records()}
    traced = [line.split("flow ")[1].split(":")[0] for line in said.splitlines() if "flow " in line]
    assert traced and set(traced) <= ids


def test_one_trace_at_a_time(office, tmp_path):
    with Running(office.probe, tmp_path, EXACT) as running:
        first = running.start("trace", "10", "host", "203.0.113.77", "--seconds", "20")
        wait_for(lambda: running.call("trace", "1").returncode != 0, "the first trace", 10)
        second = running.call("trace", "1")
        assert "traces already" in second.stderr
        first.send_signal(signal.SIGINT)
        first.communicate(timeout=10)
        assert running.call("trace", "1", "--seconds", "1").returncode == 0
