# SPDX-License-Identifier: BSD-3-Clause
"""weir ipfix check: what it says of exporters, right ones and wrong ones, in files and live."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import time

import captures
import exporter as ex
import harness
import pytest
from harness import weir

CLEAN, BROKEN, UNUSABLE = 0, 1, 2
TSHARK = shutil.which("tshark")


def check(*arguments, code=CLEAN, **options):
    """The report as JSON."""
    return json.loads(weir("ipfix", "check", "--json", *arguments, code=code, **options).stdout)


def say(*arguments, code=CLEAN, **options):
    return weir("ipfix", "check", *arguments, code=code, **options)


def rules(report, *severities):
    wanted = severities or ("error", "warning")
    return [finding["rule"] for finding in report["findings"] if finding["severity"] in wanted]


def finding(report, rule):
    return next(one for one in report["findings"] if one["rule"] == rule)


def domain(report, session=0):
    return report["sessions"][session]["domains"][0]


def records(report):
    """{template: records} over all sessions and domains."""
    counts = {}
    for session in report["sessions"]:
        for one in session["domains"]:
            for template in one["templates"]:
                counts[template["id"]] = counts.get(template["id"], 0) + template["records"]
    return {number: count for number, count in counts.items() if count}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "capture.pcap"


GOOD = ex.good_session()
GOOD_RECORDS = {256: 30, 300: 1}
CARRIERS = {
    "udp": lambda path: ex.write_capture(path, [ex.udp(one) for one in GOOD]),
    "udp-ipv6": lambda path: ex.write_capture(
        path, [ex.udp(one, source="2001:db8::1", destination="2001:db8::9") for one in GOOD]
    ),
    "tcp": lambda path: ex.write_capture(path, ex.connection(b"".join(GOOD), (100, 37, 600))),
    "pcapng": lambda path: ex.write_capture(path, [ex.udp(one) for one in GOOD], captures.write_pcapng),
    "file": lambda path: path.write_bytes(b"".join(GOOD)),
}


@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_right_exporter_breaks_no_rule(carrier, path):
    CARRIERS[carrier](path)
    report = check(path)
    assert rules(report) == [] and records(report) == GOOD_RECORDS
    assert report["verdict"]["messages"] == len(GOOD) and report["verdict"]["lost"] == 0
    assert domain(report)["longest"] == max(map(len, GOOD))
    said = say(path).stdout
    assert "no rule broken in 4 messages" in said and "30 records" in said
    assert all(len(line) <= 100 for line in said.splitlines()[1:])


def test_standard_input_is_read(path):
    CARRIERS["udp"](path)
    with open(path, "rb") as file:
        assert records(check("-", stdin=file)) == GOOD_RECORDS
    assert records(check("-", input=b"".join(GOOD))) == GOOD_RECORDS


def test_segments_in_any_order_give_the_same(path):
    frames = ex.connection(b"".join(GOOD), (90, 10, 300))
    frames[2], frames[4] = frames[4], frames[2]
    frames.insert(6, frames[5])
    frames.append(frames[3])
    ex.write_capture(path, frames)
    report = check(path)
    assert records(report) == GOOD_RECORDS and rules(report) == []


def test_lost_datagrams_are_counted_and_late_ones_are_not(path):
    messages = ex.good_session(8)
    order = [messages[i] for i in (0, 1, 3, 2, 5, 6, 6, 7)]  # one late, one lost, one twice
    ex.write_capture(path, [ex.udp(one) for one in order])
    report = check(path, code=BROKEN)
    assert rules(report) == ["IPX-104"] and report["verdict"]["lost"] == 10
    seen = domain(report)
    assert (seen["lost"], seen["late"], seen["repeated"]) == (10, 1, 1)
    said = say(path, code=BROKEN).stdout
    assert "10 records in 2 gaps" in said and "warning IPX-104" in said
    assert said.rstrip().endswith("1 warning in 8 messages (4 notes)")


def numbered(number_of):
    """A session of ten messages of ten records, numbered by a rule of the test's."""
    sets = [ex.template(256, ex.FLOW_FIELDS) + ex.selector()] + [ex.flows(10)] * 9
    return [ex.message(content, number_of(i)) for i, content in enumerate(sets)]


def test_a_count_of_messages_is_recognised(path):
    ex.write_capture(path, [ex.udp(one) for one in numbered(lambda i: i)])
    report = check(path, code=BROKEN)
    assert domain(report)["sequence_counts"] == "messages" and domain(report)["lost"] == 0
    assert "counts messages" in say(path, code=BROKEN).stdout


WRONG = {
    "IPX-101": [b"\0\x0b" + GOOD[1][2:]],
    "IPX-102": [GOOD[1][:-1]],
    "IPX-107": [ex.message(ex.make_set(17, bytes(8)), 1)],
    "IPX-108": [ex.message(ex.flows(1)[:2] + b"\xff\xff" + bytes(20), 1)],
    "IPX-201": [ex.message(ex.template(17, ex.FLOW_FIELDS), 1)],
    "IPX-203": [ex.message(ex.make_set(2, struct.pack("!HHHH", 257, 9, 8, 4)), 1)],
    "IPX-204": [ex.message(ex.template(256, [(8, 4)]), 1)],
    "IPX-302": [ex.message(ex.make_set(999, bytes(16)), 1)],
    "IPX-304": [ex.message(ex.make_set(2, struct.pack("!HH", 256, 0)), 1)],
    "IPX-404": [ex.message(ex.template(257, [(8, 3)]), 1)],
    "IPX-503": [],
    "IPX-504": [ex.message(ex.flows(70), 1)],
    "IPX-801": [ex.message(ex.template(257, [(136, 1)]) + ex.make_set(257, b"\x09", 1), 1)],
    "IPX-105": [ex.message(ex.flows(5), 500), *(ex.message(ex.flows(5), i * 5) for i in range(3))],
}


@pytest.mark.parametrize("rule", WRONG)
def test_a_broken_rule_is_found_where_it_is(rule, path):
    frames = [ex.udp(GOOD[0])]
    frames += [ex.udp(one) for one in WRONG[rule]] or [ex.udp(GOOD[1], check=0)]
    ex.write_capture(path, frames)
    report = check(path, code=BROKEN)
    assert rule in rules(report)
    example = finding(report, rule)["examples"][0]
    assert example["packet"] >= 2 and example["message"] == example["packet"] and example["found"]
    said = say(path, code=BROKEN).stdout
    assert f"{rule}: " in said and f"(packet {example['packet']})" in said


def test_skewed_clocks_are_told(path):
    ex.write_capture(path, [ex.udp(one) for one in GOOD], time_sec=ex.START + 3600)
    report = check(path, code=BROKEN)
    assert rules(report) == ["IPX-103"] and 3600000 <= domain(report)["behind_min_ms"] < 3601000
    assert "3600 s behind" in finding(report, "IPX-103")["examples"][0]["found"]


def test_an_exporter_is_not_blamed_for_templates_of_before(path):
    """A capture that begins in the middle: the template comes later, or not before the end."""
    exporter = ex.Exporter()
    exporter.sequence = 5000
    data = [exporter.data() for _ in range(3)]
    ex.write_capture(path, [ex.udp(one) for one in data])
    report = check(path)
    assert rules(report) == [] and domain(report)["unknown_sets"] == 3
    assert any("did not come" in one["found"] for one in finding(report, "IPX-0")["examples"])
    data += [exporter.templates(), exporter.data()]
    ex.write_capture(path, [ex.udp(one) for one in data])
    report = check(path)
    assert (domain(report)["unknown_sets"], domain(report)["waited_sets"]) == (3, 3)
    # ... but after an hour without it is
    late = ex.message(ex.flows(1), 9000, ex.START + 3600)
    ex.write_capture(path, [ex.udp(data[0]), ex.udp(late)], step_ns=3600 * captures.NS)
    assert rules(check(path, code=BROKEN)) == ["IPX-302"]


def test_template_refresh_is_measured(path):
    messages, exporter = [], ex.Exporter()
    for minute in range(4):
        exporter.time_sec = ex.START + minute * 60
        messages += [exporter.templates(), exporter.data()]
    ex.write_capture(path, [ex.udp(one) for one in messages], step_ns=30 * captures.NS)
    assert (domain(check(path))["refresh_min_sec"], domain(check(path))["refresh_max_sec"]) == (60, 60)
    assert "again after 60 s" in say(path).stdout


def test_netflow_9_and_5(path):
    nine = [
        ex.message9(ex.template(256, ex.FLOW_FIELDS, 9) + ex.flows(3), 4, 0),
        ex.message9(ex.flows(5), 5, 1),
        ex.message9(ex.flows(5), 5, 4),
    ]
    five = [ex.message5(3, 0), ex.message5(4, 3), ex.message5(1, 9)]
    ex.write_capture(path, [ex.udp(one, port=2055) for one in nine + five])
    report = check(path, code=BROKEN)
    versions = {one["version"]: one for one in report["sessions"][0]["domains"]}
    assert versions[9]["lost"] == 2 and versions[5]["lost"] == 2, "messages, and flows"
    assert versions[9]["records"] == 13 and versions[5]["records"] == 8
    path.write_bytes(b"".join(nine[:2]))
    assert records(check(path, code=BROKEN)) == {256: 8}
    path.write_bytes(b"".join(five[:2]))
    assert domain(check(path))["records"] == 7


def test_the_dump_shows_templates_records_and_findings(path):
    ex.write_capture(path, [ex.udp(one) for one in [*GOOD[:2], ex.message(ex.make_set(999, bytes(8)), 11)]])
    lines = say("--dump", path, code=BROKEN).stdout.splitlines()
    assert "message 1  udp 192.0.2.1:5000 > 192.0.2.9:4739  packet 1" in lines
    assert any("IPFIX" in line and "sequence 1 " in line and "domain 1" in line for line in lines)
    assert any("template 256, 4 fields: sourceIPv4Address[4]" in line for line in lines)
    assert any("options template 300, 4 fields, 1 of scope: selectorId[8]" in line for line in lines)
    row = next(line for line in lines if line.startswith("  record 256:"))
    assert "sourceIPv4Address=10.0.0.0 destinationIPv4Address=192.0.2.80" in row
    assert "packetDeltaCount=1 octetDeltaCount=100" in row
    assert sum(line.startswith("  record 256:") for line in lines) == 10
    assert any(line.startswith("  error IPX-302 at octet 16:") for line in lines)


def test_the_dump_names_what_the_exporter_explains(path):
    """Private elements have names once a type record (RFC 5610) came, digits before."""
    private = struct.pack("!HHHH", 257, 2, 8, 4) + struct.pack("!HHI", 0x8001, 2, 4711)
    explained = [(346, 4), (303, 2), (339, 1), (341, 65535)]
    data = ex.make_set(257, socket.inet_aton("10.0.0.1") + struct.pack("!H", 77))
    record = struct.pack("!IHB", 4711, 0x8001, 2) + b"\x0aqueueDepth"
    sets = [ex.make_set(2, private) + data, ex.options_template(258, explained, 2) + ex.make_set(258, record), data]
    path.write_bytes(b"".join(ex.message(content, i) for i, content in enumerate(sets)))
    lines = say("--dump", path, code=BROKEN).stdout.splitlines()
    rows = [line for line in lines if line.startswith("  record 257:")]
    assert [row.split()[-1] for row in rows] == ["4711/1=0x004d", "queueDepth=77"]


def test_a_dump_obeys_no_escape_of_a_record(path):
    text = "\x1b[31m \u009b31m \x7f\n\"".encode()
    sets = ex.options_template(258, ex.INTERFACE_FIELDS)
    sets += ex.make_set(258, struct.pack("!IB", 7, len(text)) + text)
    path.write_bytes(ex.message(sets, 0))
    row = next(one for one in say("--dump", path).stdout.splitlines() if "interfaceName=" in one)
    assert "\x1b" not in row and "\u009b" not in row and r"\x1b[31m \xc2\x9b31m \x7f\x0a\x22" in row.replace('\\"', r"\x22")


def test_a_limit_is_exact(path):
    for carrier in ("file", "udp"):
        CARRIERS[carrier](path)
        report = check("--messages", "2", path)
        assert report["verdict"]["messages"] == 2 and rules(report) == []


def test_netflow_times_are_judged(path):
    five = bytearray(ex.message5(1, 0))
    five[24 + 24 : 24 + 32] = struct.pack("!II", 3000, 2000)  # first, last
    path.write_bytes(five)
    report = check(path, code=BROKEN)
    assert rules(report) == ["IPX-804"] and "1000 ms" in finding(report, "IPX-804")["examples"][0]["found"]
    five[24 + 24 : 24 + 32] = struct.pack("!II", 3000, 5000 + 100000)
    path.write_bytes(five)
    assert "100 s after its export" in finding(check(path, code=BROKEN), "IPX-804")["examples"][0]["found"]
    five[24 + 24 : 24 + 32] = struct.pack("!II", 0xFFFFFF00, 2000)  # over the wrap of 49 days
    path.write_bytes(five)
    assert rules(check(path)) == []


PRINTED = {
    "empty": (b"", "is empty"),
    "text": (b"GET / HTTP/1.1\r\n\r\n", "neither a capture nor IPFIX"),
    "gzip": (b"\x1f\x8b\x08\0" * 10, "zcat FILE | weir ipfix check -"),
    "nfdump": (b"\x0c\xa5\x01\0" * 10, "tcpdump -w"),
    "pcap without a header": (b"\xd4\xc3\xb2\xa1\x02\0", "capture.pcap"),
}


@pytest.mark.parametrize("content", PRINTED)
def test_unusable_files_are_named_with_a_cure(content, path):
    data, words = PRINTED[content]
    path.write_bytes(data)
    said = say(path, code=UNUSABLE).stderr
    assert words in said and str(path) in said and len(said.splitlines()) >= 2


def test_folders_and_missing_files(tmp_path):
    assert "is a folder" in say(tmp_path, code=UNUSABLE).stderr
    assert "there is no file" in say(tmp_path / "none", code=UNUSABLE).stderr
    assert "weir ipfix check 4739" in say(tmp_path / "none", code=UNUSABLE).stderr


def test_a_capture_without_ipfix_says_what_it_has(path):
    frames = [ex.udp(one, port=2056) for one in GOOD] + [ex.udp(b"12345678" * 4, port=53)] * 9
    ex.write_capture(path, frames + [ex.tcp(b"GET", 1, port=80)])
    said = say(path, code=UNUSABLE).stderr
    assert "4739, 4740, 2055, 9995, 9996" in said
    assert re.search(r"UDP port 2056: 4 packets, 4 of them like messages: try --port 2056", said)
    assert "UDP port 53: 9 packets" in said and "TCP port 80: 1 packets" in said
    assert records(check("--port", "2056", path)) == GOOD_RECORDS
    assert "no IPFIX" in say("--port", "9", path, code=UNUSABLE).stderr


def test_what_a_capture_lacks_is_not_the_exporters_loss(path):
    packets = ex.packets([ex.udp(one) for one in ex.good_session(6)])
    packets[2] = packets[2]._replace(data=packets[2].data[:90])
    captures.write_pcap(path, packets)
    report = check(path)
    assert report["sessions"][0]["cut"] == 1 and rules(report) == []
    assert "tcpdump -s 0" in say(path).stdout
    path.write_bytes(path.read_bytes()[:-20])
    said = say(path)
    assert "ends inside" in said.stderr and "no rule broken in 4 messages" in said.stdout


def test_tls_is_named(path):
    ex.write_capture(path, ex.connection(b"\x16\x03\x03\x01\x00\x01\x00\x00\xfc\x03\x03" * 30, port=4740))
    report = check(path, code=UNUSABLE)
    assert report["sessions"][0]["encrypted"] and report["verdict"]["messages"] == 0
    said = say(path, code=UNUSABLE)
    assert "TLS" in said.stdout and "no message could be read" in said.stderr


def test_arguments_are_judged(path):
    CARRIERS["udp"](path)
    for arguments in (
        [],
        [path, path],
        ["--port", "0", path],
        ["--port", "99999", path],
        ["--seconds", "x", path],
        ["--messages", "-1", path],
        ["--enterprise", "", path],
        ["--dump", "--json", path],
        ["--nonsense", path],
        ["udp://host:port"],
        ["tcp://"],
        ["99999"],
        ["::1:4739"],
        ["--listen", "127.0.0.1", "127.0.0.1:4739"],
        ["no.such.host.invalid:4739"],
    ):
        done = say(*arguments, code=UNUSABLE)
        assert done.stdout == "" and done.stderr.count("\n") >= 2, arguments
    assert "only check is" in weir("ipfix", "judge", code=UNUSABLE).stderr
    assert "try: weir ipfix check" in weir("ipfix", code=UNUSABLE).stderr
    for words in (["--help"], ["check", "--help"], ["check", "-h"]):
        assert "usage: weir ipfix check" in weir("ipfix", *words).stdout


class Listening:
    """`weir ipfix check` on a free port, until its `with` block ends."""

    def __init__(self, *arguments, target="0"):
        self.arguments = [harness.program("weir"), "ipfix", "check", "--json", *arguments, target]

    def __enter__(self):
        self.process = subprocess.Popen(
            self.arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        line = self.process.stderr.readline().decode()
        assert line.startswith("listening on "), line
        self.line, self.port = line, int(re.search(r":(\d+)", line).group(1))
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def finish(self, code=CLEAN, number=signal.SIGINT):
        if number:
            self.process.send_signal(number)
        out, err = self.process.communicate(timeout=harness.DEADLINE_SEC)
        assert self.process.returncode == code, err.decode()
        return json.loads(out)


def now_session(messages=4, **options):
    return ex.good_session(messages, time_sec=int(time.time()), **options)


def send_udp(address, port, messages):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sender:
        for one in messages:
            sender.sendto(one, (address, port))


def send_tcp(address, port, octets, size=50):
    with socket.create_connection((address, port)) as sender:
        sender.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(0, len(octets), size):
            sender.sendall(octets[at : at + size])


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_it_listens_on_udp_and_tcp_at_once(address):
    if address == "::1" and not os.path.exists("/proc/net/if_inet6"):
        pytest.skip("this host has no IPv6")
    with Listening("--messages", "12") as weir_check:
        assert "UDP and TCP" in weir_check.line
        send_udp(address, weir_check.port, now_session())
        send_tcp(address, weir_check.port, b"".join(now_session(domain=2)))
        send_udp(address, weir_check.port, now_session(domain=3))
        report = weir_check.finish(number=None)
    assert sorted(one["transport"] for one in report["sessions"]) == ["tcp", "udp", "udp"]
    assert {one["domains"][0]["domain"]: one["domains"][0]["records"] for one in report["sessions"]} == {
        1: 31,
        2: 31,
        3: 31,
    }
    assert rules(report) == [] and {one["source"] for one in report["sessions"]} == {address}
    assert all(abs(one["domains"][0]["behind_max_ms"]) < 5000 for one in report["sessions"])


def test_ctrl_c_ends_it_with_a_report():
    with Listening() as weir_check:
        send_tcp("127.0.0.1", weir_check.port, b"".join(now_session()))
        with socket.create_connection(("127.0.0.1", weir_check.port)) as half:
            half.sendall(now_session(domain=9)[0][:50])  # a message that is still on its way
            time.sleep(0.3)
            report = weir_check.finish()
    assert rules(report) == [] and report["verdict"]["messages"] == 4


def test_half_a_message_at_the_end_of_a_connection_is_an_error():
    with Listening() as weir_check:
        send_tcp("127.0.0.1", weir_check.port, b"".join(now_session())[:-5])
        time.sleep(0.3)
        report = weir_check.finish(code=BROKEN)
    assert "IPX-102" in rules(report)


def test_lost_and_restarted_exporters_live():
    with Listening() as weir_check:
        messages = now_session(6)
        send_udp("127.0.0.1", weir_check.port, messages[:2] + messages[3:])
        send_udp("127.0.0.1", weir_check.port, now_session())  # another port: another session
        time.sleep(0.3)
        report = weir_check.finish(code=BROKEN)
    assert len(report["sessions"]) == 2 and report["verdict"]["lost"] == 10
    assert rules(report) == ["IPX-104"]


def test_it_ends_by_itself():
    started = time.monotonic()
    with Listening("--seconds", "1", target="udp://127.0.0.1:0") as weir_check:
        assert weir_check.line.rstrip().endswith(", UDP; Ctrl-C ends it")
        send_udp("127.0.0.1", weir_check.port, now_session())
        report = weir_check.finish(number=None)
    assert 0.9 < time.monotonic() - started < 10 and report["verdict"]["messages"] == 4
    said = say("--seconds", "1", "0", code=UNUSABLE).stderr
    assert "nothing came on 127.0.0.1:" in said and "--listen 0.0.0.0" in said and "tcpdump" in said


def test_connections_without_data_are_nothing():
    with Listening() as weir_check:
        socket.create_connection(("127.0.0.1", weir_check.port)).close()
        time.sleep(0.2)
        weir_check.process.send_signal(signal.SIGINT)
        _, said = weir_check.process.communicate(timeout=harness.DEADLINE_SEC)
    assert weir_check.process.returncode == UNUSABLE and b"nothing over them" in said


@pytest.mark.parametrize("address", ["0.0.0.0", "::"])
def test_it_listens_where_it_is_told(address):
    with Listening("--listen", address, "--messages", "4") as weir_check:
        send_udp("127.0.0.1", weir_check.port, now_session())
        report = weir_check.finish(number=None)
    assert [one["source"] for one in report["sessions"]] == ["127.0.0.1"]


@pytest.mark.skipif(os.geteuid() != 0, reason="the size of its socket is the system's")
def test_what_its_own_kernel_drops_is_told_apart():
    """Stopped, it cannot keep up: the loss by the sequence numbers is what the kernel dropped."""
    exporter = ex.Exporter(time_sec=int(time.time()))
    with Listening() as weir_check, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        send = lambda one: sender.sendto(one, ("127.0.0.1", weir_check.port))
        send(exporter.templates())
        time.sleep(0.2)
        weir_check.process.send_signal(signal.SIGSTOP)
        for _ in range(40000):
            send(exporter.data(20))
        weir_check.process.send_signal(signal.SIGCONT)
        time.sleep(1)
        for _ in range(2):
            send(exporter.data(20))
        time.sleep(0.3)
        report = weir_check.finish(code=BROKEN)
    assert report["input"]["kernel_dropped"] > 0
    assert report["verdict"]["lost"] == 20 * report["input"]["kernel_dropped"]


def test_many_sessions_are_bounded():
    with Listening() as weir_check, contextlib.ExitStack() as senders:
        for _ in range(260):
            sender = senders.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            for one in now_session(2, records=1):
                sender.sendto(one, ("127.0.0.1", weir_check.port))
        time.sleep(0.3)
        report = weir_check.finish()
    assert len(report["sessions"]) == 256 and report["input"]["not_followed"] == 8


def test_ports_that_cannot_be_had():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        said = say(str(port), code=UNUSABLE).stderr
        assert f"UDP 127.0.0.1:{port} is taken" in said and "ss -anp" in said
    assert "no address of this host" in say("192.0.2.77:4739", code=UNUSABLE).stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")
def test_privileged_ports_need_a_capability():
    command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all"]
    done = subprocess.run(
        ["unshare", "--net", *command, harness.program("weir"), "ipfix", "check", "udp://127.0.0.1:99"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == UNUSABLE
    assert "CAP_NET_BIND_SERVICE" in done.stderr or "1024" in done.stderr, done.stderr


def own_url(port, transport):
    return f"ipfix://127.0.0.1:{port}?transport={transport}"


def own_records(folder):
    """What weir's text of the office says: one record a flow."""
    path = folder / "flows.jsonl"
    weir("replay", "-q", "-o", path, harness.OFFICE_PCAP)
    return len(captures.read_jsonl(path.read_text()))


def assert_own(report, tmp_path):
    assert rules(report) == [] and report["verdict"]["lost"] == 0 and len(report["sessions"]) == 1
    seen = domain(report)
    assert seen["records"] - seen["options_records"] == own_records(tmp_path)


def test_weirs_own_file_breaks_no_rule(tmp_path):
    path = tmp_path / "office.ipfix"
    weir("replay", "-q", "--format", "ipfix", "-o", path, harness.OFFICE_PCAP)
    assert_own(check(path), tmp_path)
    names = say("--dump", path).stdout
    assert "flowEndReason=" in names and "reversePacketDeltaCount=" in names


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_weirs_own_export_breaks_no_rule(transport, tmp_path):
    with Listening() as weir_check:
        weir("replay", "-q", "--export", own_url(weir_check.port, transport), harness.OFFICE_PCAP)
        time.sleep(0.3)
        assert_own(weir_check.finish(), tmp_path)


def tshark_records(path):
    """{template: records} by the judge, who numbers the sets and flows of each packet."""
    command = [TSHARK, "-r", str(path), "-d", "udp.port==4739,cflow", "-T", "json", "-Y", "cflow", "--no-duplicate-keys"]
    frames = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    counts = {}
    for frame in frames:
        layer = frame["_source"]["layers"]["cflow"]
        for one in layer if isinstance(layer, list) else [layer]:
            for name, content in one.items():
                match = re.match(r"Set \d+ \[id=(\d+)\]", name)
                if match and int(match.group(1)) >= 256:
                    number = int(match.group(1))
                    flows = sum(key.startswith("Flow ") for key in content)
                    counts[number] = counts.get(number, 0) + flows
    return counts


@pytest.mark.skipif(not TSHARK, reason="tshark is not installed")
@pytest.mark.parametrize("carrier", ["udp", "udp-ipv6", "tcp"])
def test_tshark_counts_the_same_records(carrier, path):
    CARRIERS[carrier](path)
    assert records(check(path)) == tshark_records(path)


@pytest.mark.skipif(not TSHARK, reason="tshark is not installed")
def test_tshark_counts_weirs_own_records(path, tmp_path):
    """Biflows, options and texts of variable length, in messages as long as a datagram takes."""
    own = tmp_path / "own.ipfix"
    weir("replay", "-q", "--format", "ipfix", "-o", own, harness.OFFICE_PCAP)
    octets, frames = own.read_bytes(), []
    while octets:
        length = struct.unpack_from("!H", octets, 2)[0]
        frames.append(ex.udp(octets[:length]))
        octets = octets[length:]
    ex.write_capture(path, frames)
    counted = records(check(path, code=BROKEN))  # a file's messages are too long for a path
    assert counted == tshark_records(path) and sum(counted.values()) > 100
