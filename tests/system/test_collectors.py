# SPDX-License-Identifier: BSD-3-Clause
"""What collectors that others wrote make of weir's messages equals weir's own records, conversation by conversation."""

import os
import pathlib
import struct

import captures
import collectors
import harness
import pytest
from collectors import Nfacctd, Nfcapd, Tcpdump, TcpFile, UdpSink, sums
from harness import OFFICE_PCAP, weir

CORPUS = os.environ.get("WEIR_CORPUS")
WITHOUT_CORPUS = "WEIR_CORPUS names no folder with the capture corpus"
# Plain, tagged, fragmented and tunnelled: one run over them all, which every judge is sent.
SCTP = 132
TIERS = ["core", "l2", "frag", "tunnel"]

pytestmark = pytest.mark.namespace


def corpus():
    if not CORPUS:
        pytest.skip(WITHOUT_CORPUS)
    folder = pathlib.Path(CORPUS) / "pcaps"
    return [path for tier in TIERS for path in sorted(folder.glob(f"{tier}__*"))]


@pytest.fixture(params=["office", "corpus"])
def files(request):
    return [OFFICE_PCAP] if request.param == "office" else corpus()


@pytest.fixture
def loopback():
    namespace = harness.office_net.Namespace(harness.namespace_name())
    namespace.create()
    yield namespace
    namespace.destroy()


def export(namespace, folder, files, *options, code=0):
    """weir's own records of the captures, which go to the judge at the same time."""
    output = folder / "flows.jsonl"
    weir("replay", "--quiet", *files, "-o", output, *options, within=namespace, code=code)
    return captures.read_jsonl(output.read_text())


def only_ipv4(records):
    return [record for record in records if record["ip_version"] == 4]


def without_ports_of_sctp(rows):
    """nfdump 1.7.1 reads the destination port of IPFIX for TCP and UDP alone."""
    portless = {"src_port": 0, "dst_port": 0}
    return [{**row, **portless} if row["proto"] == SCTP else row for row in rows]


def milliseconds(records):
    """(first, last) of each record, as nfdump writes them."""
    return sorted((record["start"][:23], record["end"][:23]) for record in records)


def first_milliseconds(records):
    """When each direction of each record began."""
    starts = [record["start"] for record in records]
    starts += [record["rev_start"] for record in records if record.get("rev_packets")]
    return sorted(start[:23] for start in starts)


# nfdump 1.7.1 adds only flow records to the number that it expects next, though options data records
# count, too (RFC 7011, section 3.1). With options at the start alone its count comes out right.
AT_START = {"options_refresh": "never"}


@pytest.mark.tools(*Nfcapd.tools)
@pytest.mark.parametrize("options", [{}, {"uniflow": "true"}, {"mtu": 512}], ids=str)
def test_nfdump_believes_ipfix(loopback, tmp_path, files, options):
    with Nfcapd(loopback, tmp_path) as judge:
        url = judge.url(**AT_START, **options)
        records = export(loopback, tmp_path, files, "--export", url)
        rows = judge.rows()
        assert records
        assert sums(without_ports_of_sctp(rows)) == sums(without_ports_of_sctp(records))
        assert judge.verdict() == (0, 0, [])
    if not options:
        assert sorted((row["first"], row["last"]) for row in rows) == milliseconds(records)


@pytest.mark.tools(*Nfcapd.tools)
def test_nfdump_believes_version_9(loopback, tmp_path, files):
    with Nfcapd(loopback, tmp_path) as judge:
        records = export(loopback, tmp_path, files, "--export", judge.url("netflow-v9"))
        rows = judge.rows()
        assert records and sums(rows) == sums(records)
        assert judge.verdict() == (0, 0, [])
    if len(files) == 1:  # the captures of the corpus are years apart, 32 bits of uptime are 49 days
        assert sorted(row["first"] for row in rows) == first_milliseconds(records)


@pytest.mark.tools(*Nfcapd.tools)
def test_nfdump_believes_version_5(loopback, tmp_path, files):
    """Version 5 has no room for IPv6: those records are lost, which the exit code says."""
    with Nfcapd(loopback, tmp_path) as judge:
        options = ["--export", judge.url("netflow-v5")]
        records = only_ipv4(export(loopback, tmp_path, files, *options, code=74))
        rows = judge.rows()
        assert records and sums(rows) == sums(records)
        assert judge.verdict() == (0, 0, [])
    if len(files) == 1:
        assert sorted(row["first"] for row in rows) == first_milliseconds(records)


@pytest.mark.tools(*Nfacctd.tools)
@pytest.mark.parametrize("scheme, options", [("ipfix", {"uniflow": "true"}), ("netflow-v9", {})])
def test_pmacct_believes(loopback, tmp_path, files, scheme, options):
    with Nfacctd(loopback, tmp_path) as judge:
        url = judge.url(scheme, **AT_START, **options)
        records = export(loopback, tmp_path, files, "--export", url)
        assert records and sums(judge.rows()) == sums(records)
        assert judge.complaints() == []


READERS = [
    pytest.param(collectors.read_with_ipfix_dump, id="ipfixDump", marks=pytest.mark.tools("ipfixDump")),
    pytest.param(collectors.read_with_tshark, id="tshark", marks=pytest.mark.tools("tshark")),
]


@pytest.mark.parametrize("reader", READERS)
def test_readers_of_files_believe(loopback, tmp_path, files, reader):
    with collectors.File(loopback, tmp_path, reader) as judge:
        config = tmp_path / "file.yaml"
        config.write_text(
            "outputs:\n"
            f"  - {{path: {judge.path}, format: ipfix}}\n"
            f"  - {{path: {tmp_path / 'flows.jsonl'}}}\n"
        )
        weir("replay", "--quiet", *files, "-c", config)
        records = captures.read_jsonl((tmp_path / "flows.jsonl").read_text())
        rows, faults = judge.read()
        assert records and sums(rows) == sums(records)
        assert faults == []


@pytest.mark.parametrize("reader", READERS)
def test_readers_of_tcp_sessions_believe(loopback, tmp_path, files, reader):
    with TcpFile(loopback, tmp_path, reader) as judge:
        records = export(loopback, tmp_path, files, "--export", judge.url())
        rows, faults = judge.read()
        assert records and sums(rows) == sums(records)
        assert faults == []


@pytest.mark.tools(*Tcpdump.tools)
@pytest.mark.parametrize("scheme", ["ipfix", "ipfix over tcp", "netflow-v9", "netflow-v5"])
def test_wireshark_believes_what_it_sees(loopback, tmp_path, files, scheme):
    scheme, _, over = scheme.partition(" over ")
    with UdpSink(loopback) if not over else TcpFile(loopback, tmp_path, None) as sink:
        with Tcpdump(loopback, tmp_path) as judge:
            options = ["--export", sink.url(scheme)]
            records = export(loopback, tmp_path, files, *options, code=74 if "v5" in scheme else 0)
            rows, faults = judge.read()
    expected = only_ipv4(records) if scheme == "netflow-v5" else records
    assert expected and sums(rows) == sums(expected)
    assert faults == []


def folded(octets):
    """The sum of the 16-bit words in ones' complement (RFC 1071)."""
    words = struct.unpack(f"!{(len(octets) + 1) // 2}H", octets + bytes(len(octets) % 2))
    total = sum(words)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def received_packets(listener, count):
    """Frames of UDP to the collector's port that a packet socket gets: (pseudo header, datagram)."""
    found = []
    while len(found) < count:
        frame = listener.recv(65536)
        kind, packet = struct.unpack_from("!H", frame, 12)[0], frame[14:]
        if kind == 0x0800:
            length = struct.unpack_from("!H", packet, 2)[0]
            datagram, ends = packet[(packet[0] & 15) * 4 : length], packet[12:20]
        elif kind == 0x86DD:
            length = struct.unpack_from("!H", packet, 4)[0]
            datagram, ends = packet[40 : 40 + length], packet[8:40]
        else:
            continue
        if datagram[2:4] == struct.pack("!H", collectors.PORT):
            found.append((ends + struct.pack("!HH", 17, len(datagram)), datagram))
    return found


@pytest.mark.parametrize("ours, theirs", [("192.0.2.1", "192.0.2.2"), ("2001:db8::1", "2001:db8::2")])
def test_udp_checksums_are_right(loopback, tmp_path, ours, theirs):
    """On a wire where no device offers to fill them in later."""
    far = harness.office_net.Namespace(harness.namespace_name())
    far.create()
    try:
        harness.office_net.add_veth(loopback, "out0", far, "in0")
        for namespace, device, address in (loopback, "out0", ours), (far, "in0", theirs):
            namespace.ip("address", "add", f"{address}/{64 if ':' in address else 24}", "dev", device)
            namespace.ip("link", "set", device, "up")
        listener = harness.packet_socket_in(far, "in0")
        url = f"ipfix://[{theirs}]:4739" if ":" in theirs else f"ipfix://{theirs}:4739"
        # nobody listens: what was sent before the answer came is enough here
        weir("replay", "--quiet", OFFICE_PCAP, "-o", tmp_path / "x", "--export", url, within=loopback, code=None)
        for pseudo_header, datagram in received_packets(listener, 2):
            assert datagram[6:8] != b"\0\0"
            assert folded(pseudo_header + datagram) == 0xFFFF
    finally:
        far.destroy()
