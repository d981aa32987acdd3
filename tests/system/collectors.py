# SPDX-License-Identifier: BSD-3-Clause
"""Collectors that others wrote, each run on what weir exports; all answer with rows like weir's own records.

A judge is used as `with Judge(namespace, folder) as judge: ...export to judge.url(...)...; judge.rows()`.
"""

import ipaddress
import itertools
import json
import pathlib
import re
import subprocess
import threading
import xml.etree.ElementTree as ElementTree

import captures
import harness
from harness import wait_for

HOST, PORT = "127.0.0.1", 4739
# Information elements by number: the names of weir's records for them.
ELEMENTS = {
    4: "proto",
    7: "src_port",
    11: "dst_port",
    8: "src_ip",
    27: "src_ip",
    12: "dst_ip",
    28: "dst_ip",
    1: "bytes",
    2: "packets",
}
REVERSE_PEN = 29305
QUIET_LOOKS = 5


def canonical(row):
    """The same row with its addresses in the one spelling that the text of Python has for them."""
    same = {name: str(ipaddress.ip_address(row[name])) for name in ("src_ip", "dst_ip")}
    return {**row, **same}


def sums(rows):
    """{conversation: [packets, octets, packets back, octets back]}, whoever the rows are from."""
    return captures.sum_records(map(canonical, rows))


def is_flow(row):
    """Not an options data record, which has no addresses."""
    return "src_ip" in row and "packets" in row


class UdpCollector(harness.Process):
    """A collector behind a UDP socket, which is left alone until it has read the socket empty."""

    def url(self, scheme="ipfix", **options):
        return make_url(scheme, **options)

    def waiting_octets(self):
        """Octets in the receive queues of the namespace, and the datagrams that did not fit."""
        lines = self.namespace.run("cat", "/proc/net/udp").splitlines()[1:]
        fields = [line.split() for line in lines]
        return sum(int(field[4].split(":")[1], 16) for field in fields), sum(
            int(field[-1]) for field in fields
        )

    def runs(self):
        """Whether it, or a process that it has started, is at work."""
        pid = str(self.process.pid)
        task = pathlib.Path("/proc", pid, "task", pid)
        pids = [pid, *(task / "children").read_text().split()]
        stats = [pathlib.Path("/proc", one, "stat").read_text() for one in pids]
        return any(stat.rpartition(")")[2].split()[0] != "S" for stat in stats)

    def settle(self):
        """Waits until nothing waits any more, and sees that for a while."""
        looks = itertools.count()
        start = next(looks)

        def is_quiet():
            nonlocal start
            waiting, dropped = self.waiting_octets()
            assert dropped == 0, f"the socket of the collector was too small for {dropped} datagrams"
            look = next(looks)
            if waiting or self.runs():
                start = look
            return look - start >= QUIET_LOOKS

        wait_for(is_quiet, "the collector to read", harness.DEADLINE_SEC)


def make_url(scheme="ipfix", **options):
    parameters = "&".join(f"{key}={value}" for key, value in options.items())
    return f"{scheme}://{HOST}:{PORT}" + (f"?{parameters}" if parameters else "")


class Nfcapd(UdpCollector):
    """nfdump's collector, and nfdump to read what it has collected."""

    tools = ("nfcapd", "nfdump")
    ready = "Startup nfcapd"

    def command(self):
        self.files().mkdir(exist_ok=True)
        return ["nfcapd", "-b", HOST, "-p", PORT, "-w", self.files(), "-t", 3600, "-B", 1 << 20]

    def files(self):
        return self.folder / "nfcapd"

    def rows(self):
        self.settle()
        self.stop()
        said = subprocess.run(
            ["nfdump", "-R", self.files(), "-o", "json"],
            capture_output=True,
            check=True,
            env={**harness.os.environ, "TZ": "UTC"},
        )
        return [self.row_of(flow) for flow in json.loads(said.stdout)]

    @staticmethod
    def row_of(flow):
        row = {"proto": flow["proto"], "packets": flow["in_packets"], "bytes": flow["in_bytes"]}
        row["rev_packets"], row["rev_bytes"] = flow.get("out_packets", 0), flow.get("out_bytes", 0)
        for end in "src", "dst":
            row[f"{end}_ip"] = flow.get(f"{end}4_addr") or flow[f"{end}6_addr"]
            row[f"{end}_port"] = flow.get(f"{end}_port", 0)
        return {**row, "first": flow["first"], "last": flow["last"]}

    def verdict(self):
        """What it found wrong: (sequence errors, bad packets, complaints)."""
        [line] = re.findall(r"Sequence Errors: (\d+), Bad Packets: (\d+)", self.text())
        wrong = re.compile(r"unknown|error:|skip|malformed|unable|missing", re.IGNORECASE)
        complaints = [said for said in self.text().splitlines() if wrong.search(said)]
        return int(line[0]), int(line[1]), complaints


NFACCTD = """daemonize: false
nfacctd_ip: {host}
nfacctd_port: {port}
nfacctd_disable_checks: false
nfacctd_pipe_size: 1048576
aggregate: src_host, dst_host, src_port, dst_port, proto
print_num_protos: true
plugins: print
print_output: json
print_output_file: {output}
print_refresh_time: 86400
print_cache_entries: 20011
plugin_pipe_size: 4096000
plugin_buffer_size: 4096
"""


class Nfacctd(UdpCollector):
    """pmacct's collector; it knows no reverse elements, so it is sent uniflows."""

    tools = ("nfacctd",)
    ready = "JSON: setting object handlers"
    stop_signal = harness.signal.SIGINT

    def command(self):
        path = self.folder / "nfacctd.conf"
        path.write_text(NFACCTD.format(host=HOST, port=PORT, output=self.output()))
        return ["nfacctd", "-f", path]

    def output(self):
        return self.folder / "nfacctd.json"

    def rows(self):
        self.settle()
        self.stop()
        wait_for(self.output().exists, "the purge of the cache", harness.DEADLINE_SEC)
        wait_for(lambda: "Purging cache - END" in self.text(), "its end", harness.DEADLINE_SEC)
        rows = captures.read_jsonl(self.output().read_text())
        names = {"ip_src": "src_ip", "ip_dst": "dst_ip", "port_src": "src_port", "port_dst": "dst_port"}
        names |= {"ip_proto": "proto", "packets": "packets", "bytes": "bytes"}
        return [{name: row[theirs] for theirs, name in names.items()} for row in rows]

    def complaints(self):
        return [line for line in self.text().splitlines() if re.search("WARN|ERR|expecting", line)]


class File:
    """A judge that reads an IPFIX file which weir wrote."""

    def __init__(self, namespace, folder, reader):
        self.path = pathlib.Path(folder) / "flows.ipfix"
        self.reader = reader

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def read(self):
        """Its rows, and what its reader finds wrong."""
        return self.reader(self.path)


class TcpFile(File):
    """What a TCP session brings is an IPFIX file: RFC 5655 made it so."""

    def __init__(self, namespace, folder, reader):
        super().__init__(namespace, folder, reader)
        self.listener = harness.socket_in(namespace)
        self.listener.bind((HOST, PORT))
        self.listener.listen()
        self.thread = threading.Thread(target=self.receive)
        self.sessions = 0

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(harness.socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()

    def receive(self):
        try:
            while True:
                self.receive_session(self.listener.accept()[0])
        except OSError:
            return

    def receive_session(self, connection):
        self.sessions += 1
        with connection, open(self.path, "wb") as file:
            while octets := connection.recv(1 << 16):
                file.write(octets)

    def read(self):
        assert self.sessions == 1
        return super().read()

    def url(self, scheme="ipfix", **options):
        return make_url(scheme, transport="tcp", **options)


class UdpSink:
    """A socket where all is welcome and nothing is read."""

    def __init__(self, namespace):
        self.socket = harness.socket_in(namespace, harness.socket.SOCK_DGRAM)
        self.socket.bind((HOST, PORT))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def url(self, scheme="ipfix", **options):
        return make_url(scheme, **options)


class Tcpdump(harness.Process):
    """Records what goes over the loopback interface, for tshark to read."""

    tools = ("tcpdump", "tshark")
    ready = "listening on"
    stop_signal = harness.signal.SIGINT

    def __init__(self, namespace, folder):
        super().__init__(namespace, folder)
        self.sent_before = self.sent()

    def command(self):
        return ["tcpdump", "-i", "lo", "-U", "--immediate-mode", "-B", 32768, "-w", self.path()]

    def path(self):
        return self.folder / "loopback.pcap"

    def sent(self):
        return self.namespace.counters("lo")["rx_packets"]

    def has_all(self):
        try:
            return len(captures.read_pcap(self.path())) == self.sent() - self.sent_before
        except (captures.struct.error, IndexError):
            return False

    def read(self):
        wait_for(self.has_all, "tcpdump to write", harness.DEADLINE_SEC)
        self.stop()
        return read_with_tshark(self.path())


def read_with_tshark(path):
    """The flows of an IPFIX file or a recording, and what tshark finds wrong."""
    options = [word for kind in ("udp", "tcp") for word in ("-d", f"{kind}.port=={PORT},cflow")]
    said = subprocess.run(
        ["tshark", "-r", path, *([] if path.suffix == ".ipfix" else options), "-T", "pdml"],
        capture_output=True,
        check=True,
    )
    tree = ElementTree.fromstring(said.stdout)
    faults = [field.get("show") for field in tree.iter("field") if field.get("name") in TSHARK_FAULTS]
    faults += [part.get("name") for part in tree.iter("proto") if "malformed" in part.get("name")]
    flows = (field for field in tree.iter("field") if re.match(r"(Flow|pdu) \d+", field.get("show") or ""))
    return list(filter(is_flow, map(row_of_pdml, flows))), faults


# Expert notes in which the dissector complains of a message.
TSHARK_FAULTS = {
    "cflow.flowset_length.invalid",
    "cflow.flowsets.impossible",
    "cflow.no_flow_information",
    "cflow.no_template_found",
    "cflow.unexpected_sequence_number",
    "cflow.template_ipfix_scope_field_count.none",
    "cflow.mpls_label.bad_length",
}
TSHARK_FIELDS = {
    "cflow.srcaddr": "src_ip",
    "cflow.srcaddrv6": "src_ip",
    "cflow.dstaddr": "dst_ip",
    "cflow.dstaddrv6": "dst_ip",
    "cflow.protocol": "proto",
    "cflow.srcport": "src_port",
    "cflow.dstport": "dst_port",
    "cflow.octets": "bytes",
    "cflow.packets": "packets",
}


def row_of_pdml(flow):
    row = {}
    for field in flow:
        name = TSHARK_FIELDS.get(field.get("name"))
        if name:
            reverse = "rev_" if "Reverse" in field.get("showname") else ""
            row[reverse + name] = field.get("show")
    return row


DUMPED = re.compile(r"^\t\((?:(\d+)/)?(\d+)\)\s+(?:\(S\))?\s*\w+ : (.*)$")


def read_with_ipfix_dump(path):
    """The flows of an IPFIX file, and what ipfixDump says of it on standard error."""
    said = subprocess.run(["ipfixDump", "-d", "--rfc5610", "-i", path], capture_output=True, check=True)
    rows = []
    for line in said.stdout.decode().splitlines():
        if line.startswith("--- data record"):
            rows.append({})
        match = DUMPED.match(line)
        if match and int(match[2]) in ELEMENTS and int(match[1] or 0) in (0, REVERSE_PEN):
            rows[-1][("rev_" if match[1] else "") + ELEMENTS[int(match[2])]] = match[3]
    return list(filter(is_flow, rows)), said.stderr.decode().splitlines()
