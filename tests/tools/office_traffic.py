#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The servers and the clients of the small office (office_net.py): real programs over real sockets.

`serve` answers HTTP on TCP port 80, a line-by-line chat on TCP port 5222, names on UDP port 53 and
the time on UDP port 123, until its standard input ends. `work` lets every client address look a name
up, fetch pages, chat, ask for the time, ping, and knock at closed doors, over IPv4 and IPv6.
"""

import argparse
import http.client
import http.server
import random
import socket
import socketserver
import struct
import subprocess
import sys
import threading
import time

CLIENTS = [f"192.0.2.{host}" for host in range(10, 15)] + [
    f"2001:db8::{host}" for host in range(10, 15)
]
WEB = {4: "192.0.2.80", 6: "2001:db8::80"}
NAMES = {4: "192.0.2.53", 6: "2001:db8::53"}
CLOSED_PORT = 9
TIMEOUT_SEC = 5
DNS_HEADER_BYTES = 12
NTP_PACKET_BYTES = 48


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


# ---- servers


class Page(http.server.BaseHTTPRequestHandler):
    """GET /N answers with N octets."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        size = int(self.path.strip("/") or 0)
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(size))
        self.end_headers()
        self.wfile.write((b"weir measures what flows. " * (size // 26 + 1))[:size])

    def log_message(self, *_):
        pass


class WebServer(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address, port):
        self.address_family = family_of(address)
        super().__init__((address, port), Page)


class ChatHandler(socketserver.StreamRequestHandler):
    """Says every line back."""

    def handle(self):
        for line in self.rfile:
            self.wfile.write(line)


class ChatServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, address, port):
        self.address_family = family_of(address)
        super().__init__((address, port), ChatHandler)


def question_end(query):
    position = DNS_HEADER_BYTES
    while query[position] != 0:
        position += 1 + query[position]
    return position + 5


def answer_name(query):
    """A DNS answer (RFC 1035) with one address for whatever is asked."""
    end = question_end(query)
    kind = struct.unpack("!H", query[end - 4 : end - 2])[0]
    v6 = kind == 28
    data = socket.inet_pton(*((socket.AF_INET6, WEB[6]) if v6 else (socket.AF_INET, WEB[4])))
    header = query[:2] + struct.pack("!HHHHH", 0x8180, 1, 1, 0, 0)
    record = struct.pack("!HHHIH", 0xC00C, kind, 1, 300, len(data))
    return header + query[DNS_HEADER_BYTES:end] + record + data


def answer_time(query):
    """A time answer in the shape of RFC 5905, with the client's own time stamp back."""
    return bytes([0x24, 1, 6, 0xEC]) + bytes(20) + query[40:48] + query[40:48] + query[40:48]


def serve_datagrams(address, port, answer):
    server = socket.socket(family_of(address), socket.SOCK_DGRAM)
    server.bind((address, port))

    def loop():
        while True:
            query, peer = server.recvfrom(2048)
            server.sendto(answer(query), peer)

    threading.Thread(target=loop, daemon=True).start()


def serve():
    for address in WEB.values():
        for server in (WebServer(address, 80), ChatServer(address, 5222)):
            threading.Thread(target=server.serve_forever, daemon=True).start()
        serve_datagrams(address, 123, answer_time)
    for address in NAMES.values():
        serve_datagrams(address, 53, answer_name)
    print("ready", flush=True)
    sys.stdin.read()


# ---- clients


class Client:
    """One client address and what it does; `random` decides how much."""

    def __init__(self, address, choice):
        self.address = address
        self.family = family_of(address)
        self.version = 6 if ":" in address else 4
        self.choice = choice

    def ask(self, server, port, query):
        with socket.socket(self.family, socket.SOCK_DGRAM) as client:
            client.settimeout(TIMEOUT_SEC)
            client.bind((self.address, 0))
            client.connect((server, port))
            client.send(query)
            return client.recv(2048)

    def look_up(self, name):
        labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
        kind = 28 if self.version == 6 else 1
        header = struct.pack("!HHHHHH", self.choice.randrange(65536), 0x0100, 1, 0, 0, 0)
        self.ask(NAMES[self.version], 53, header + labels + struct.pack("!BHH", 0, kind, 1))

    def ask_time(self):
        query = bytes([0x23]) + bytes(39) + struct.pack("!Q", self.choice.getrandbits(64))
        assert len(query) == NTP_PACKET_BYTES
        self.ask(WEB[self.version], 123, query)

    def fetch(self, sizes):
        server = http.client.HTTPConnection(
            WEB[self.version], 80, TIMEOUT_SEC, source_address=(self.address, 0)
        )
        for size in sizes:
            server.request("GET", f"/{size}")
            if len(server.getresponse().read()) != size:
                raise RuntimeError("the page came back with another size")
        server.close()

    def chat(self, lines):
        with socket.create_connection(
            (WEB[self.version], 5222), TIMEOUT_SEC, source_address=(self.address, 0)
        ) as talk:
            stream = talk.makefile("rwb")
            for number in range(lines):
                stream.write(b"line %d of a talk\n" % number)
                stream.flush()
                stream.readline()

    def knock(self):
        """A TCP port and a UDP port where nobody listens: a reset, and an ICMP error."""
        try:
            socket.create_connection(
                (WEB[self.version], CLOSED_PORT), TIMEOUT_SEC, source_address=(self.address, 0)
            ).close()
        except ConnectionRefusedError:
            pass
        try:
            self.ask(WEB[self.version], CLOSED_PORT, b"anybody there?")
        except ConnectionRefusedError:
            pass

    def ping(self, count):
        subprocess.run(
            ["ping", "-q", "-n", "-i", "0.002", "-W", str(TIMEOUT_SEC), "-I", self.address]
            + ["-c", str(count), WEB[self.version]],
            stdout=subprocess.DEVNULL,
            check=True,
        )


def work(options):
    choice = random.Random(options.seed)
    for _ in range(options.rounds):
        for address in CLIENTS:
            time.sleep(options.pause * choice.random())
            client = Client(address, choice)
            client.look_up(choice.choice(["weir.example", "www.example", "mail.example"]))
            client.fetch(choice.choices([0, 200, 900, options.page], k=choice.randrange(1, 4)))
            if choice.random() < 0.5:
                client.chat(choice.randrange(1, 6))
            if choice.random() < 0.3:
                client.ask_time()
            if choice.random() < 0.3:
                client.ping(choice.randrange(1, 4))
            if choice.random() < 0.2:
                client.knock()
    print(f"{len(CLIENTS)} clients, {options.rounds} rounds")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("serve")
    worker = actions.add_parser("work")
    worker.add_argument("--rounds", type=int, default=1)
    worker.add_argument("--page", type=int, default=3000, help="octets of the largest page")
    worker.add_argument("--pause", type=float, default=0, help="longest pause between clients, s")
    worker.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.action == "serve":
        serve()
    else:
        work(options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
