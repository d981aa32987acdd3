# SPDX-License-Identifier: BSD-3-Clause
"""weir replay: the records of a capture, whatever its format, its way in and the workers."""

import csv
import io
import os
import pathlib
import re
import signal
import struct
import subprocess
import time

import captures
import harness
import pytest
from harness import OFFICE_PCAP, weir

CORPUS = os.environ.get("WEIR_CORPUS")
IO_ERROR = 74
WITHOUT_CORPUS = "WEIR_CORPUS names no folder with the capture corpus"


def replay(*arguments, **options):
    """The records of a replay, and what it said on standard error."""
    done = weir("replay", *arguments, **options)
    return captures.read_jsonl(done.stdout), done.stderr


def lines_of(*arguments):
    return sorted(weir("replay", "--quiet", *arguments).stdout.splitlines())


@pytest.fixture(scope="session")
def office():
    return captures.read_pcap(OFFICE_PCAP)


@pytest.fixture(scope="session")
def generated(tmp_path_factory):
    """A capture with more flows than a burst, a ring slot or a small table holds."""
    path = tmp_path_factory.mktemp("generated") / "generated.pcap"
    tool = harness.BUILD / "tests" / "tools" / "make_capture"
    subprocess.run(
        [tool, "--packets", "200000", "--flows", "40000", "--seed", "7", "--rate", "2000", path],
        check=True,
    )
    return path


def test_records_are_those_of_an_independent_meter(office):
    flows, _ = captures.meter(office)
    records, _ = replay("--quiet", OFFICE_PCAP)
    assert captures.sum_records(records) == flows


def test_the_summary_accounts_for_every_frame(office):
    _, other = captures.meter(office)
    _, said = replay(OFFICE_PCAP)
    assert f"{len(office)} packets" in said
    assert re.search(rf"\b{other}\s+non_ip\b", said)
    assert "closes" in said and "192.0.2.80" in said


def test_quiet_says_nothing():
    assert replay("--quiet", OFFICE_PCAP)[1] == ""


def test_no_eal_chatter_reaches_the_screen():
    assert "EAL" not in replay(OFFICE_PCAP)[1]


def test_a_filter_picks_packets(office, tmp_path):
    flows, _ = captures.meter(office)
    wanted = {key: counts for key, counts in flows.items() if key[0] == 6}
    records, said = replay("-f", "tcp", OFFICE_PCAP)
    assert captures.sum_records(records) == wanted
    rest = len(office) - sum(counts[0] + counts[2] for counts in wanted.values())
    assert re.search(rf"\b{rest}\s+filtered\b", said) and "closes" in said
    path = tmp_path / "filter.yaml"
    path.write_text('filter: "tcp and not port 80"\n')
    from_file, _ = replay("-c", path, OFFICE_PCAP)
    assert from_file and not any(80 in (r["src_port"], r["dst_port"]) for r in from_file)
    again, _ = replay("-c", path, "--filter", "tcp", OFFICE_PCAP)
    assert captures.sum_records(again) == wanted, "the command line wins"


def test_a_wrong_filter_is_named(tmp_path):
    said = weir("replay", "-f", "tcp prt 80", OFFICE_PCAP, code=64).stderr
    assert "--filter" in said and "syntax error" in said and "pcap-filter" in said
    path = tmp_path / "filter.yaml"
    path.write_text("log:\n  level: info\nfilter: host 10.0.0.300\n")
    for command in (["check", path], ["replay", "-c", path, OFFICE_PCAP]):
        said = weir(*command, code=78).stderr
        assert f"{path}:3:9: filter: " in said


def test_a_filter_that_fits_no_packet_says_so(office, tmp_path):
    path = tmp_path / "raw.pcap"
    captures.write_pcap(path, office[:5])
    data = bytearray(path.read_bytes())
    data[20] = 101  # raw IP: the Ethernet header is no IP, which does not matter here
    path.write_bytes(data)
    records, said = replay("-f", "ether host 02:00:00:00:00:01", path)
    assert records == [] and "does not fit the link type of 5 packets" in said


VARIANTS = {
    "pcap-ns-little": lambda path, packets: captures.write_pcap(path, packets),
    "pcap-ns-big": lambda path, packets: captures.write_pcap(path, packets, ">"),
    "pcapng-little": lambda path, packets: captures.write_pcapng(path, packets),
    "pcapng-big": lambda path, packets: captures.write_pcapng(path, packets, ">"),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_format_gives_the_same_records(variant, office, tmp_path):
    VARIANTS[variant](tmp_path / "variant", office)
    assert lines_of(tmp_path / "variant") == lines_of(OFFICE_PCAP)


@pytest.mark.parametrize("order", ["<", ">"])
def test_microseconds_give_the_same_counts(order, office, tmp_path):
    captures.write_pcap(tmp_path / "variant", office, order, nanoseconds=False)
    records, _ = replay("--quiet", tmp_path / "variant")
    assert captures.sum_records(records) == captures.meter(office)[0]
    assert all(record["start"].rstrip("Z").endswith("000") for record in records)


def test_a_pipe_gives_the_same_records():
    done = weir("replay", "--quiet", "-", input=OFFICE_PCAP.read_bytes())
    assert sorted(done.stdout.splitlines()) == lines_of(OFFICE_PCAP)


@pytest.mark.parametrize("workers", [2, 4])
def test_any_number_of_workers_gives_the_same_bytes(workers, generated):
    assert lines_of("--workers", workers, generated) == lines_of("--workers", 1, generated)


def test_a_second_run_gives_the_same_bytes(generated):
    assert lines_of(generated) == lines_of(generated)


def test_many_flows_are_metered_exactly(generated):
    flows, _ = captures.meter(captures.read_pcap(generated))
    records, _ = replay("--quiet", generated)
    assert captures.sum_records(records) == flows


def test_a_full_table_loses_no_packet(generated, tmp_path):
    """Evicted flows come as more records; packets and octets of a conversation stay exact."""
    config = tmp_path / "small.yaml"
    config.write_text("flows:\n  capacity_per_worker: 1024\n")
    flows, _ = captures.meter(captures.read_pcap(generated))
    records, _ = replay("--quiet", "-c", config, generated)
    assert len(records) > len(flows)
    assert captures.sum_records(records) == flows


def test_thousands_of_files_at_once(office, tmp_path):
    count = 3000
    for number in range(count):
        (tmp_path / f"{number:04}.pcap").symlink_to(OFFICE_PCAP)
    files = sorted(tmp_path.glob("*.pcap"))
    records, _ = replay("--quiet", *files)
    flows, _ = captures.meter(office)
    expected = {key: [count * value for value in values] for key, values in flows.items()}
    assert captures.sum_records(records) == expected


def test_csv_says_what_json_lines_say():
    text = weir("replay", "--quiet", "--format", "csv", OFFICE_PCAP).stdout
    records = list(csv.DictReader(io.StringIO(text)))
    assert captures.sum_records(records) == captures.sum_records(replay("--quiet", OFFICE_PCAP)[0])


def test_records_go_to_a_file(tmp_path):
    out = tmp_path / "flows.jsonl"
    assert weir("replay", "--quiet", "-o", out, OFFICE_PCAP).stdout == ""
    assert sorted(out.read_text().splitlines()) == lines_of(OFFICE_PCAP)


def test_a_cut_file_gives_what_it_holds(office, tmp_path):
    """The packets before the damage count, the damage is told, and so is the exit code."""
    cut = tmp_path / "cut.pcap"
    cut.write_bytes(OFFICE_PCAP.read_bytes()[:-10])
    done = weir("replay", cut, code=65)
    flows, _ = captures.meter(office[:-1])
    assert captures.sum_records(captures.read_jsonl(done.stdout)) == flows
    assert "cut.pcap" in done.stderr


def test_wire_length_is_counted_not_captured_length(office, tmp_path):
    short = [packet._replace(data=packet.data[:64]) for packet in office]
    captures.write_pcap(tmp_path / "short.pcap", short)
    records, _ = replay("--quiet", tmp_path / "short.pcap")
    assert captures.sum_records(records) == captures.meter(office)[0]


def test_a_reader_that_goes_away_ends_the_replay(generated):
    """As `weir replay ... | head` does: no hang, no death by a signal, one line about it."""
    command = f"{harness.program('weir')} replay --quiet {generated} | head -n 1; exit $PIPESTATUS"
    done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=60, check=False)
    assert done.stdout.count(b"\n") == 1
    assert done.returncode < 128
    assert b"went away" in done.stderr and len(done.stderr.splitlines()) == 1


@pytest.mark.namespace
def test_a_full_disk_leaves_whole_records(generated, tmp_path):
    """What fits is whole, what does not is told, counted and an exit code."""
    small, out = tmp_path / "small", tmp_path / "flows.jsonl"
    small.mkdir()
    script = (
        f"mount -t tmpfs -o size=64k none {small} || exit 1; "
        f"{harness.program('weir')} replay -o {small}/flows.jsonl {generated}; code=$?; "
        f"cp {small}/flows.jsonl {out}; exit $code"
    )
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script], capture_output=True, timeout=60, check=False
    )
    said = done.stderr.decode()
    assert done.returncode == IO_ERROR, said
    assert "the disk is full" in said and "closes" in said
    records = captures.read_jsonl(out.read_text())
    assert 0 < len(records) < 1000
    made = int(re.search(r"records\s+([\d,]+)", said).group(1).replace(",", ""))
    lost = int(re.search(r"lost\s+([\d,]+) records", said).group(1).replace(",", ""))
    assert made == lost + len(records)


def test_a_stop_in_the_middle_flushes_what_was_read(tmp_path):
    """SIGTERM while the pipe is still open: the flows so far come out whole, and the ledger closes."""
    out = tmp_path / "flows.jsonl"
    command = [harness.program("weir"), "replay", "-o", str(out), "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdin.write(OFFICE_PCAP.read_bytes())
        process.stdin.flush()
        harness.wait_for(out.exists, "the output to be made")
        time.sleep(0.3)  # the reader takes what is in the pipe; nothing tells from outside
        process.send_signal(signal.SIGTERM)
        said = process.stderr.read().decode()
        assert process.wait(harness.DEADLINE_SEC) == 0, said
    assert "closes" in said
    flows = captures.sum_records(captures.read_jsonl(out.read_text()))
    assert flows == captures.meter(captures.read_pcap(OFFICE_PCAP))[0]


def corpus_captures(tier):
    folder = pathlib.Path(CORPUS or "") / "pcaps"
    return sorted(folder.glob(f"{tier}__*")) if CORPUS else []


@pytest.mark.skipif(not CORPUS, reason=WITHOUT_CORPUS)
@pytest.mark.parametrize("tier", ["bad", "frag", "link", "tunnel"])
def test_no_capture_brings_weir_down(tier):
    found = corpus_captures(tier)
    assert found
    for capture in found:
        command = [harness.program("weir"), "replay", "--workers", "2", str(capture)]
        done = subprocess.run(command, capture_output=True, timeout=60, check=False)
        said = done.stderr.decode(errors="replace")
        assert done.returncode in (0, 65), f"{capture.name}: {done.returncode}\n{said}"
        assert "closes" in said, f"{capture.name}\n{said}"


def test_an_interrupt_does_not_wait_for_a_reader_that_never_reads(tmp_path):
    """More flows than ring and queue hold: the worker waits for the control thread, that for the reader."""
    base = captures.read_pcap(OFFICE_PCAP)[0]
    packets = []
    for number in range(60000):
        address = struct.pack(">I", 0x0A000000 + number)
        header = bytes.fromhex("4500001c00000000401100 00".replace(" ", "")) + address + b"\xc0\x00\x02\x01"
        datagram = struct.pack(">HHHH", 1024, 53, 8, 0)
        frame = bytes(12) + b"\x08\x00" + header + datagram
        packets.append(captures.Packet(base.time_ns + number, len(frame), frame))
    captures.write_pcap(tmp_path / "many.pcap", packets)
    config = tmp_path / "weir.yaml"
    config.write_text(
        "flows: {ring_records: 1024}\n"
        "expert: {stop_deadline: 1s}\n"
        f"outputs: [{{path: {tmp_path}/pipe, queue: 64KiB}}]\n"
    )
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    command = [harness.program("weir"), "replay", "-c", config, tmp_path / "many.pcap"]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        time.sleep(1)
        assert process.poll() is None  # it waits, as it should
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=harness.DEADLINE_SEC)[1].decode()
    os.close(reader)
    assert process.returncode == IO_ERROR
    assert "ledger     closes" in said and "did not take" in said
