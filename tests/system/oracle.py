# SPDX-License-Identifier: BSD-3-Clause
"""A collector of IPFIX in plain Python that keeps count of what the sequence numbers say is missing.

It shares no code with weir: templates, records and numbers are read by hand. It can be killed,
restarted and made to stop reading, as collectors are.
"""

import collections
import select
import struct
import threading

import harness

OCTETS, PACKETS, FLOW_ID = 1, 2, 148
FLOWS_SENT = 42
NOT_SENT = {166: "flows", 167: "packets", 168: "octets"}
REVERSE_PEN = 29305
VARIABLE = 65535
HOST, PORT = "127.0.0.1", 4739

Field = collections.namedtuple("Field", "enterprise element length")


class Stream:
    """What one transport session said, message by message."""

    def __init__(self):
        self.templates = {}
        self.expected = None  # the number of the next message
        self.gap = 0  # data records that never came
        self.records = 0
        self.flows = 0
        self.packets = self.octets = 0
        self.ids = collections.Counter()  # flows by their id, where that stands for one record
        self.sets_without_template = 0
        self.messages = 0
        self.flows_sent = None  # what the exporter says of itself, last
        self.not_sent = {}

    def take_message(self, message):
        version, length, _, sequence, _ = struct.unpack_from("!HHIII", message)
        assert (version, length) == (10, len(message))
        if self.expected is not None:
            ahead = (sequence - self.expected) & 0xFFFFFFFF
            assert ahead < 1 << 31, f"the number {sequence} came after {self.expected - 1}"
            self.gap += ahead
        before, at = self.records, 16
        while at < length:
            kind, size = struct.unpack_from("!HH", message, at)
            assert size > 4 and at + size <= length
            self.take_set(kind, message[at + 4 : at + size])
            at += size
        self.expected = (sequence + self.records - before) & 0xFFFFFFFF
        self.messages += 1

    def take_set(self, kind, octets):
        if kind in (2, 3):
            self.take_templates(octets, 4 if kind == 2 else 6)
        elif kind not in self.templates:
            self.sets_without_template += 1
        else:
            fields, at = self.templates[kind], 0
            shortest = sum(1 if field.length == VARIABLE else field.length for field in fields)
            while len(octets) - at >= shortest:
                values, at = self.read_record(fields, octets, at)
                self.take_record(values)
            assert not any(octets[at:]), "padding is zero"

    def take_templates(self, octets, head):
        at = 0
        while len(octets) - at > 4:
            number, count = struct.unpack_from("!HH", octets, at)
            at += head
            fields = []
            for _ in range(count):
                element, length = struct.unpack_from("!HH", octets, at)
                at += 4
                enterprise = 0
                if element & 0x8000:
                    enterprise = struct.unpack_from("!I", octets, at)[0]
                    at += 4
                fields.append(Field(enterprise, element & 0x7FFF, length))
            assert self.templates.get(number, fields) == fields, "a template changed in place"
            self.templates[number] = fields

    @staticmethod
    def read_record(fields, octets, at):
        values = {}
        for field in fields:
            length = field.length
            if length == VARIABLE:
                length = octets[at]
                at += 1
                if length == 255:
                    length = struct.unpack_from("!H", octets, at)[0]
                    at += 2
            if length <= 8:
                values[field.enterprise, field.element] = int.from_bytes(octets[at : at + length], "big")
            at += length
        return values, at

    def take_record(self, values):
        self.records += 1
        if (0, PACKETS) in values:
            self.flows += 1
            self.ids[values[0, FLOW_ID]] += 1
            self.packets += values[0, PACKETS] + values.get((REVERSE_PEN, PACKETS), 0)
            self.octets += values[0, OCTETS] + values.get((REVERSE_PEN, OCTETS), 0)
        if (0, FLOWS_SENT) in values:
            self.flows_sent = values[0, FLOWS_SENT]
        for element, name in NOT_SENT.items():
            if (0, element) in values:
                self.not_sent[name] = values[0, element]

    def take_octets(self, octets):
        """Whole messages from the start of a stream; returns what is left."""
        at = 0
        while len(octets) - at >= 4:
            length = struct.unpack_from("!H", octets, at + 2)[0]
            if len(octets) - at < length:
                break
            self.take_message(octets[at : at + length])
            at += length
        return octets[at:]


def read_file(path):
    """An IPFIX file, which has to end with a whole message."""
    stream = Stream()
    assert stream.take_octets(path.read_bytes()) == b""
    return stream


class Oracle:
    """A collector at 127.0.0.1 in a namespace, with a thread that reads while it is not stopped."""

    kind = None

    def __init__(self, namespace, port=PORT, buffer_bytes=1 << 20):
        self.namespace = namespace
        self.address = (HOST, port)
        self.buffer_bytes = buffer_bytes
        self.socket = None
        self.thread = None
        self.reads = threading.Event()
        self.ends = threading.Event()
        self.failure = None
        self.restarts = 0

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()

    def start(self):
        self.socket = harness.socket_in(self.namespace, self.kind)
        self.socket.setsockopt(harness.socket.SOL_SOCKET, harness.socket.SO_RCVBUF, self.buffer_bytes)
        self.socket.bind(self.address)
        self.begin()
        self.ends.clear()
        self.reads.set()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def kill(self):
        """Ends as a process does that is killed: what it has not read is lost."""
        if self.thread:
            self.ends.set()
            self.reads.set()
            self.thread.join()
            self.thread = None
            self.end()
            self.socket.close()
        assert self.failure is None, self.failure

    def restart(self):
        self.kill()
        self.restarts += 1
        self.start()

    def stop(self):
        """As SIGSTOP does; resume() as SIGCONT."""
        self.reads.clear()

    def resume(self):
        self.reads.set()

    def run(self):
        try:
            while not self.ends.is_set():
                if self.reads.wait(0.1) and not self.ends.is_set():
                    self.read()
        except Exception as failure:  # told by kill(), in the thread of the test
            self.failure = failure

    def begin(self):
        pass

    def end(self):
        pass

    def read(self):
        raise NotImplementedError


class UdpOracle(Oracle):
    """Everything from one exporter is one session, as its socket stays the same."""

    kind = harness.socket.SOCK_DGRAM

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.stream = Stream()

    def read(self):
        if select.select([self.socket], [], [], 0.05)[0]:
            self.stream.take_message(self.socket.recv(65536))


class TcpOracle(Oracle):
    """Each connection is a session of its own."""

    kind = harness.socket.SOCK_STREAM

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.streams = []
        self.connection = None
        self.waiting = b""

    def begin(self):
        self.socket.listen()

    def end(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def read(self):
        waits_for = self.connection or self.socket
        if not select.select([waits_for], [], [], 0.05)[0]:
            return
        if not self.connection:
            self.connection = self.socket.accept()[0]
            self.streams.append(Stream())
            self.waiting = b""
            return
        octets = self.receive()
        if not octets:
            self.end()
            return
        self.waiting = self.streams[-1].take_octets(self.waiting + octets)

    def receive(self):
        try:
            return self.connection.recv(1 << 16)
        except ConnectionResetError:
            return b""

    def flows(self):
        return sum(stream.flows for stream in self.streams)

    def ids(self):
        return sum((stream.ids for stream in self.streams), collections.Counter())
