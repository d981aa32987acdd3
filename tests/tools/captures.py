# SPDX-License-Identifier: BSD-3-Clause
"""Captures in plain Python: read, write in each format, and meter slowly but obviously.

The meter is the tests' oracle: it shares no code with weir, keeps every packet's facts in ordinary
dictionaries, and knows Ethernet, IPv4 and IPv6 without extension headers, which is what the captures
that the project records hold.
"""

import ipaddress
import json
import struct
from collections import defaultdict, namedtuple

Packet = namedtuple("Packet", "time_ns wire_bytes data")
NS = 1000000000
PORTED = (6, 17, 132)
ETHERNET = 1


def read_pcap(path):
    """The packets of a classic pcap file, of either byte order and resolution."""
    with open(path, "rb") as file:
        data = file.read()
    order = "<" if data[0] in (0x4D, 0xD4) else ">"
    magic = struct.unpack_from(order + "I", data)[0]
    unit = {0xA1B23C4D: 1, 0xA1B2C3D4: 1000}[magic]
    position, packets = 24, []
    while position < len(data):
        sec, fraction, captured, wire = struct.unpack_from(order + "IIII", data, position)
        position += 16
        packets.append(Packet(sec * NS + fraction * unit, wire, data[position : position + captured]))
        position += captured
    return packets


def write_pcap(path, packets, order="<", nanoseconds=True):
    unit = 1 if nanoseconds else 1000
    magic = 0xA1B23C4D if nanoseconds else 0xA1B2C3D4
    with open(path, "wb") as file:
        file.write(struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, ETHERNET))
        for packet in packets:
            sec, fraction = divmod(packet.time_ns, NS)
            lengths = len(packet.data), packet.wire_bytes
            file.write(struct.pack(order + "IIII", sec, fraction // unit, *lengths) + packet.data)


def pcapng_block(order, kind, body):
    body += bytes(-len(body) % 4)
    length = len(body) + 12
    return struct.pack(order + "II", kind, length) + body + struct.pack(order + "I", length)


def write_pcapng(path, packets, order="<"):
    """Section header, one interface with nanosecond stamps (if_tsresol 9), enhanced packets."""
    with open(path, "wb") as file:
        section = struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1)
        file.write(pcapng_block(order, 0x0A0D0D0A, section))
        resolution = struct.pack(order + "HHB3xHH", 9, 1, 9, 0, 0)
        interface = struct.pack(order + "HHI", ETHERNET, 0, 65535) + resolution
        file.write(pcapng_block(order, 1, interface))
        for packet in packets:
            high, low = packet.time_ns >> 32, packet.time_ns & 0xFFFFFFFF
            fields = 0, high, low, len(packet.data), packet.wire_bytes
            file.write(pcapng_block(order, 6, struct.pack(order + "IIIII", *fields) + packet.data))


def dissect(data):
    """(source, destination, protocol, source port, destination port, IP octets), None without IP."""
    kind, position = struct.unpack_from("!H", data, 12)[0], 14
    while kind in (0x8100, 0x88A8):
        kind, position = struct.unpack_from("!H", data, position + 2)[0], position + 4
    if kind == 0x0800:
        header = (data[position] & 15) * 4
        total = struct.unpack_from("!H", data, position + 2)[0]
        protocol = data[position + 9]
        ends = data[position + 12 : position + 16], data[position + 16 : position + 20]
    elif kind == 0x86DD:
        header = 40
        total = 40 + struct.unpack_from("!H", data, position + 4)[0]
        protocol = data[position + 6]
        ends = data[position + 8 : position + 24], data[position + 24 : position + 40]
    else:
        return None
    position += header
    if protocol == 0:  # hop-by-hop options: the kernel's multicast listener reports have them
        protocol, position = data[position], position + 8 * (data[position + 1] + 1)
    ports = struct.unpack_from("!HH", data, position) if protocol in PORTED else (0, 0)
    source, destination = (str(ipaddress.ip_address(end)) for end in ends)
    return source, destination, protocol, *ports, total


def conversation(source, destination, protocol, source_port, destination_port):
    """One key for both directions, and whether this is the direction in which it is written."""
    one, other = (source, source_port), (destination, destination_port)
    return (protocol, *min((one, other), (other, one))), one <= other


def meter(packets):
    """{conversation: [packets, octets, packets back, octets back]} and the packets without IP."""
    flows, other = defaultdict(lambda: [0, 0, 0, 0]), 0
    for packet in packets:
        facts = dissect(packet.data)
        if facts is None:
            other += 1
            continue
        key, forward = conversation(*facts[:5])
        flow = flows[key]
        flow[0 if forward else 2] += 1
        flow[1 if forward else 3] += facts[5]
    return dict(flows), other


def sum_records(records):
    """The same dictionary from weir's records, which may be several of one conversation."""
    flows = defaultdict(lambda: [0, 0, 0, 0])
    for record in records:
        ports = (int(record.get(name) or 0) for name in ("src_port", "dst_port"))
        proto = int(record["proto"])
        if proto not in PORTED:
            ports = (0, 0)
        key, forward = conversation(record["src_ip"], record["dst_ip"], proto, *ports)
        names = ("packets", "bytes", "rev_packets", "rev_bytes")
        counts = [int(record.get(name) or 0) for name in names]
        if not forward:
            counts = counts[2:] + counts[:2]
        flows[key] = [total + count for total, count in zip(flows[key], counts)]
    return dict(flows)


def read_jsonl(text):
    return [json.loads(line) for line in text.splitlines()]
