# SPDX-License-Identifier: BSD-3-Clause
"""An exporter in plain Python, right or wrong on purpose, and the packets that carry its messages.

It shares no code with weir. A flow record here is two addresses, packets and octets; messages are
bytes, so a test can break any of them before it is sent.
"""

import socket
import struct

import captures

START = 1795224700  # 2026-11-21
TEMPLATE_SET, OPTIONS_SET = {10: 2, 9: 0}, {10: 3, 9: 1}
FLOW_FIELDS = [(8, 4), (12, 4), (2, 8), (1, 8)]
INTERFACE_FIELDS = [(10, 4), (82, 65535)]
SELECTOR_FIELDS = [(302, 8), (304, 2), (305, 4), (306, 4)]


def make_set(number, content, pad=4):
    content += bytes(-len(content) % pad)
    return struct.pack("!HH", number, 4 + len(content)) + content


def template(number, fields, version=10):
    specs = b"".join(struct.pack("!HH", *field) for field in fields)
    return make_set(TEMPLATE_SET[version], struct.pack("!HH", number, len(fields)) + specs)


def options_template(number, fields, scopes=1):
    specs = b"".join(struct.pack("!HH", *field) for field in fields)
    return make_set(OPTIONS_SET[10], struct.pack("!HHH", number, len(fields), scopes) + specs)


def flow(source, destination, packets=1, octets=100):
    ends = socket.inet_aton(source) + socket.inet_aton(destination)
    return ends + struct.pack("!QQ", packets, octets)


def flows(count, number=256):
    """A set of data records, each of another source."""
    return make_set(number, b"".join(flow(f"10.0.{i >> 8}.{i & 255}", "192.0.2.80") for i in range(count)))


def selector():
    """What a collector needs to know that every packet was metered: an options record."""
    record = struct.pack("!QHII", 1, 1, 1, 0)
    return options_template(300, SELECTOR_FIELDS) + make_set(300, record)


def message(sets, sequence, time_sec=START, domain=1):
    return struct.pack("!HHIII", 10, 16 + len(sets), time_sec, sequence, domain) + sets


def message9(sets, count, sequence, time_sec=START, domain=1):
    return struct.pack("!HHIIII", 9, count, 5000, time_sec, sequence, domain) + sets


def message5(count, sequence, time_sec=START):
    head = struct.pack("!HHIIIIBBH", 5, count, 5000, time_sec, 0, sequence, 0, 0, 0)
    record = struct.pack(
        "!4s4s4sHHIIIIHHBBBBHHBBH",
        *map(socket.inet_aton, ("10.0.0.1", "192.0.2.80", "0.0.0.0")),
        *(1, 2, 3, 400, 1000, 2000, 40000, 80, 0, 16, 6, 0, 0, 0, 24, 24, 0),
    )
    return head + record * count


class Exporter:
    """A session that breaks no rule: templates first, every record counted."""

    def __init__(self, domain=1, time_sec=START):
        self.domain, self.time_sec, self.sequence = domain, time_sec, 0

    def emit(self, sets, records):
        made = message(sets, self.sequence, self.time_sec, self.domain)
        self.sequence += records
        return made

    def templates(self):
        return self.emit(template(256, FLOW_FIELDS) + selector(), 1)

    def data(self, records=10):
        return self.emit(flows(records), records)


def good_session(messages=4, records=10, **options):
    exporter = Exporter(**options)
    return [exporter.templates()] + [exporter.data(records) for _ in range(messages - 1)]


def checksum(data):
    total = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + bytes(len(data) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ip_packet(protocol, payload, source="192.0.2.1", destination="192.0.2.9", fragment=0):
    """An Ethernet frame with an IP packet; `fragment` is its flags and offset."""
    if ":" in source:
        ends = socket.inet_pton(socket.AF_INET6, source), socket.inet_pton(socket.AF_INET6, destination)
        head = struct.pack("!IHBB", 6 << 28, len(payload), protocol, 64) + ends[0] + ends[1]
        kind = 0x86DD
    else:
        ends = socket.inet_aton(source), socket.inet_aton(destination)
        head = struct.pack("!BBHHHBBH", 69, 0, 20 + len(payload), 7, fragment, 64, protocol, 0)
        head = head[:10] + struct.pack("!H", checksum(head + ends[0] + ends[1])) + ends[0] + ends[1]
        kind = 0x0800
    frame = bytes(12) + struct.pack("!H", kind) + head + payload
    return frame + bytes(max(0, 60 - len(frame)))


def udp(payload, source_port=5000, port=4739, check=0xBEEF, **ends):
    return ip_packet(17, struct.pack("!HHHH", source_port, port, 8 + len(payload), check) + payload, **ends)


def tcp(payload, sequence, flags=0x18, source_port=5000, port=4739, **ends):
    head = struct.pack("!HHIIBBHHH", source_port, port, sequence & 0xFFFFFFFF, 1, 80, flags, 65535, 1, 0)
    return ip_packet(6, head + payload, **ends)


SYN, FIN = 0x02, 0x11


def connection(payload, sizes=(100,), first=1000, end=True, **ports):
    """The exporter's side of a connection, its octets in segments of these sizes in turn."""
    frames, at, turn = [tcp(b"", first, SYN, **ports)], 0, 0
    while at < len(payload):
        size = sizes[turn % len(sizes)]
        frames.append(tcp(payload[at : at + size], first + 1 + at, **ports))
        at, turn = at + size, turn + 1
    return frames + ([tcp(b"", first + 1 + len(payload), FIN, **ports)] if end else [])


def packets(frames, time_sec=START, step_ns=captures.NS // 10):
    return [
        captures.Packet(time_sec * captures.NS + i * step_ns, len(frame), frame)
        for i, frame in enumerate(frames)
    ]


def write_capture(path, frames, writer=captures.write_pcap, **times):
    writer(path, packets(frames, **times))
    return path
