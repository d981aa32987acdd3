# SPDX-License-Identifier: BSD-3-Clause
"""What tunnels carry and what fragments lack: both views, policies, workers, corpus."""

import csv
import os
import pathlib
import struct
from collections import defaultdict

import captures
import pytest
from harness import weir

CORPUS = os.environ.get("WEIR_CORPUS")
WITHOUT_CORPUS = "WEIR_CORPUS names no folder with the capture corpus"
SEC = captures.NS
BEGIN = 1_700_000_000 * SEC
HERE, THERE = "192.0.2.1", "192.0.2.2"
CLIENT, SERVER = "10.0.0.2", "10.0.0.1"


def ip(text):
    return bytes(int(part) for part in text.split("."))


def ipv4(source, destination, protocol, payload, ident=0, offset=0, more=False):
    flags = offset // 8 | (0x2000 if more else 0)
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), ident, flags, 64, protocol, 0)
    return header + ip(source) + ip(destination) + payload


def udp(source_port, destination_port, payload):
    return struct.pack("!HHHH", source_port, destination_port, 8 + len(payload), 0) + payload


def tcp(source_port, destination_port, flags):
    return struct.pack("!HHIIBBHHH", source_port, destination_port, 1, 1, 0x50, flags, 1000, 0, 0)


def ethernet(packet):
    return bytes(6) + b"\x02" + bytes(5) + b"\x08\x00" + packet


def vxlan(vni, source, destination, entropy, inner, port=4789):
    header = b"\x08\x00\x00\x00" + struct.pack("!I", vni << 8)
    return ethernet(ipv4(source, destination, 17, udp(entropy, port, header + ethernet(inner))))


def capture(folder, frames):
    """One packet a millisecond."""
    path = folder / "made.pcap"
    packets = [
        captures.Packet(BEGIN + i * SEC // 1000, len(frame), frame) for i, frame in enumerate(frames)
    ]
    captures.write_pcap(path, packets)
    return path


def config(folder, text):
    path = folder / "made.yaml"
    path.write_text(text)
    return path


def records_of(path, *options):
    return captures.read_jsonl(weir("replay", "--quiet", *options, path).stdout)


def view(records, name):
    return [record for record in records if record["view"] == name]


def handshake(vni=5, port=4789):
    """Both directions of one TCP connection; the ends of the tunnel choose ports of their own."""
    there = ipv4(CLIENT, SERVER, 6, tcp(40000, 80, 2))
    back = ipv4(SERVER, CLIENT, 6, tcp(80, 40000, 18))
    return [vxlan(vni, HERE, THERE, 50001, there, port), vxlan(vni, THERE, HERE, 50002, back, port)]


def test_both_views_of_a_tunnel_are_flows(tmp_path):
    records = records_of(capture(tmp_path, handshake()))
    [inner] = view(records, "inner")
    outer = view(records, "outer")
    assert (inner["packets"], inner["rev_packets"]) == (1, 1)
    assert (inner["tunnel"], inner["tunnel_id"]) == ("vxlan", 5)
    assert (inner["outer_src_ip"], inner["outer_dst_ip"]) == (HERE, THERE)
    assert len(outer) == 2 and sum(record["packets"] for record in outer) == 2
    [first] = [record for record in outer if record["src_ip"] == HERE]
    assert inner["outer_flow_id"] == first["flow_id"]
    assert not any("outer_flow_id" in record for record in outer)


@pytest.mark.parametrize("policy, expected", [("outer", (2, 0)), ("inner", (0, 1)), ("both", (2, 1))])
def test_the_policy_decides_the_views(tmp_path, policy, expected):
    path = config(tmp_path, f"decode:\n  tunnels:\n    vxlan: {policy}\n")
    records = records_of(capture(tmp_path, handshake()), "-c", path)
    assert (len(view(records, "outer")), len(view(records, "inner"))) == expected


def test_totals_count_each_packet_once(tmp_path):
    said = weir("replay", "-o", os.devnull, capture(tmp_path, handshake())).stderr
    assert "2 packets" in said
    assert "metered, both views" in said or "closes" in said
    assert CLIENT not in said, "the top conversations are those of the outer view"


def test_equal_addresses_in_two_networks_stay_apart(tmp_path):
    frames = handshake(5) + handshake(6)
    apart = view(records_of(capture(tmp_path, frames)), "inner")
    assert sorted(record["tunnel_id"] for record in apart) == [5, 6]
    path = config(tmp_path, "decode:\n  tunnel_id_in_key: false\n")
    [joined] = view(records_of(capture(tmp_path, frames), "-c", path), "inner")
    assert (joined["packets"], joined["rev_packets"]) == (2, 2)


def test_ports_of_tunnels_can_be_added(tmp_path):
    made = capture(tmp_path, handshake(port=9999))
    assert view(records_of(made), "inner") == []
    path = config(tmp_path, "tunnel_ports:\n  - port: 9999\n    tunnel: vxlan\n")
    assert len(view(records_of(made, "-c", path), "inner")) == 1


def test_a_port_cannot_belong_to_two_kinds(tmp_path):
    path = config(tmp_path, "tunnel_ports:\n  - port: 4789\n    tunnel: geneve\n")
    for command in ("check",), ("replay", "-c"):
        said = weir(*command, path, *(["x.pcap"] if command[0] == "replay" else []), code=78).stderr
        assert f"{path}:2:5: tunnel_ports[0]: another kind" in said


def test_pings_can_be_told_apart(tmp_path):
    def ping(kind, ident, source, destination):
        return ethernet(ipv4(source, destination, 1, struct.pack("!BBHHH", kind, 0, 0, ident, 1)))

    frames = [ping(8, 7, CLIENT, SERVER), ping(0, 7, SERVER, CLIENT), ping(8, 9, CLIENT, SERVER)]
    made = capture(tmp_path, frames)
    assert len(records_of(made)) == 1
    path = config(tmp_path, "decode:\n  icmp_id: true\n")
    apart = records_of(made, "-c", path)
    assert sorted((r["icmp_id"], r["packets"], r["rev_packets"]) for r in apart) == [(7, 1, 1), (9, 1, 0)]


def fragments(ident, entropy=0, port=1000):
    """A datagram in three; in a tunnel when there is entropy."""
    whole = udp(port, 53, bytes(3000))
    for offset in 0, 1480, 2960:
        part = whole[offset : offset + 1480]
        packet = ipv4(CLIENT, SERVER, 17, part, ident, offset, offset < 2960)
        yield vxlan(5, HERE, THERE, entropy, packet) if entropy else ethernet(packet)


@pytest.mark.parametrize("entropy", [0, 50000])
def test_fragments_join_their_flow(tmp_path, entropy):
    name = "inner" if entropy else "outer"
    frames = [frame for ident in range(10) for frame in fragments(ident, entropy)]
    made = capture(tmp_path, frames)
    [joined] = view(records_of(made), name)
    assert (joined["src_port"], joined["packets"]) == (1000, 30)
    path = config(tmp_path, "decode:\n  fragments: ports0\n")
    parts = view(records_of(made, "-c", path), name)
    assert sorted((part.get("src_port", 0), part["packets"]) for part in parts) == [(0, 20), (1000, 10)]


def test_early_fragments_are_metered_without_ports(tmp_path):
    first, second, third = fragments(1)
    parts = records_of(capture(tmp_path, [second, first, third]))
    assert sorted((part.get("src_port", 0), part["packets"]) for part in parts) == [(0, 1), (1000, 2)]


@pytest.mark.parametrize("timeout, expected", [("30s", [(1000, 3), (2000, 3)]), ("1s", [(0, 2), (1000, 3), (2000, 1)])])
def test_ids_of_fragments_come_round(tmp_path, timeout, expected):
    """The newest first fragment counts, if it is not too old for the rest."""
    seconds = [0, 0.1, 0.2, 5, 7, 7]
    frames = list(fragments(1)) + list(fragments(1, port=2000))
    path = tmp_path / "round.pcap"
    times = [BEGIN + int(second * SEC) for second in seconds]
    captures.write_pcap(path, [captures.Packet(t, len(f), f) for t, f in zip(times, frames)])
    parts = records_of(path, "-c", config(tmp_path, f"decode:\n  fragment_timeout: {timeout}\n"))
    assert sorted((part.get("src_port", 0), part["packets"]) for part in parts) == expected


def test_workers_make_no_difference(tmp_path):
    frames = []
    for host in range(40):
        for vni in range(3):
            inner = ipv4(f"10.0.{vni}.{host}", SERVER, 6, tcp(40000 + host, 80, 2))
            frames.append(vxlan(vni, f"192.0.2.{host % 7}", THERE, 50000 + host, inner))
        frames += list(fragments(host)) + list(fragments(host, 60000 + host))
    made = capture(tmp_path, frames)
    texts = {
        count: sorted(weir("replay", "--quiet", "--workers", count, made).stdout.splitlines())
        for count in (1, 2, 4)
    }
    assert texts[1] and texts[1] == texts[2] == texts[4]


def test_a_trace_shows_each_layer_and_the_flows(tmp_path):
    made = capture(tmp_path, handshake() + [ethernet(b"\x45")])
    done = weir("replay", "--quiet", "--trace", "3", made)
    text = done.stdout
    for words in ("VXLAN           VNI 5", "10.0.0.2 > 10.0.0.1, TCP", "40000 > 80, flags S"):
        assert words in text
    assert "not metered: truncated_ipv4" in text
    flows = {record["flow_id"]: record["view"] for record in records_of(made)}
    for flow_id, name in flows.items():
        assert f"{name} view, flow {flow_id}" in text
    assert not any(line.startswith("{") for line in text.splitlines()), "records only with -o"
    weir("replay", "--trace", "none", made, code=64)
    output = tmp_path / "flows.jsonl"
    done = weir("replay", "--quiet", "--trace", "1", "-f", "host 10.9.9.9", "-o", output, made)
    assert done.stdout == "" and output.read_text() == ""


# --- the corpus ---


def expected_flows(folder, name, variants):
    for variant in variants:
        path = folder / f"{name}{variant}.csv"
        if path.exists():
            break
    else:
        return None
    flows = defaultdict(lambda: [0, 0, 0, 0])
    with open(path, encoding="ascii") as file:
        for row in csv.DictReader(file):
            proto = int(row["proto"])
            ports = (int(row["sport"]), int(row["dport"])) if proto in captures.PORTED else (0, 0)
            key, forward = captures.conversation(row["src"], row["dst"], proto, *ports)
            names = ("packets_fwd", "bytes_fwd", "packets_rev", "bytes_rev")
            counts = [int(row[column]) for column in names]
            counts = counts if forward else counts[2:] + counts[:2]
            flows[key] = [total + count for total, count in zip(flows[key], counts)]
    return dict(flows)


def replayed(tmp_path, path, policy, fragment_policy, workers=1):
    text = f"decode:\n  tunnels: {policy}\n  fragments: {fragment_policy}\n"
    options = ["-c", config(tmp_path, text), "--workers", workers]
    return records_of(path, *options)


TIERS = ["core", "l2", "fmt", "link", "frag", "tunnel"]


def corpus(tier):
    return sorted((pathlib.Path(CORPUS) / "pcaps").glob(f"{tier}__*"))


@pytest.mark.skipif(not CORPUS, reason=WITHOUT_CORPUS)
@pytest.mark.parametrize("fragment_policy", ["track", "ports0"])
@pytest.mark.parametrize("policy", ["outer", "inner", "both"])
@pytest.mark.parametrize("tier", TIERS)
def test_the_corpus_is_exact_in_every_view(tmp_path, tier, policy, fragment_policy):
    track = fragment_policy == "track"
    outer_names = [".track", ""] if track else [""]
    inner_names = [".inner.track", ".inner"] if track else [".inner"]
    for path in corpus(tier):
        records = replayed(tmp_path, path, policy, fragment_policy)
        folder = pathlib.Path(CORPUS) / "expected"
        outer = expected_flows(folder, path.name, outer_names)
        inner = expected_flows(folder, path.name, [*inner_names, *outer_names])
        if policy == "inner":
            assert captures.sum_records(records) == inner, path.name
            continue
        assert captures.sum_records(view(records, "outer")) == outer, path.name
        # the inner views beside the outer are those that stand alone with the policy inner
        alone = replayed(tmp_path, path, "inner", fragment_policy) if policy == "both" else []
        found = captures.sum_records(view(records, "inner"))
        assert found == captures.sum_records(view(alone, "inner")), path.name


@pytest.mark.skipif(not CORPUS, reason=WITHOUT_CORPUS)
@pytest.mark.parametrize("policy", ["outer", "inner"])
def test_broken_captures_are_never_over_the_truth(tmp_path, policy):
    with open(pathlib.Path(CORPUS) / "expected" / "TOTALS.csv", encoding="ascii") as file:
        totals = {(row["file"], row["view"]): row for row in csv.DictReader(file)}
    for path in corpus("bad"):
        flows = captures.sum_records(replayed(tmp_path, path, policy, "track")).values()
        # where the inner header lies, weir gives the outer view: either may be the larger
        rows = [totals[path.name, name] for name in ("outer", "inner") if (path.name, name) in totals]
        assert sum(f[0] + f[2] for f in flows) <= max(int(row["ip_packets"]) for row in rows), path.name
        assert sum(f[1] + f[3] for f in flows) <= max(int(row["ip_bytes"]) for row in rows), path.name


@pytest.mark.skipif(not CORPUS, reason=WITHOUT_CORPUS)
@pytest.mark.parametrize("tier", ["frag", "tunnel", "l2"])
def test_workers_make_no_difference_to_the_corpus(tmp_path, tier):
    for path in corpus(tier):
        lines = [
            sorted(map(str, replayed(tmp_path, path, "both", "track", workers)))
            for workers in (1, 2, 4)
        ]
        assert lines[0] == lines[1] == lines[2], path.name
