#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Sends the frames of a pcap file out of an interface, in order, a given number of times.

Prints how many frames and octets the kernel took. Meant for a veth end in a private namespace.
"""

import argparse
import socket
import sys
import time

import captures


def send(device, frames, count, rate_pps):
    sent_bytes = 0
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as out:
        out.bind((device, 0))
        started = time.monotonic()
        for number in range(count):
            frame = frames[number % len(frames)]
            out.send(frame)
            sent_bytes += len(frame)
            if rate_pps and number % 16 == 0:
                ahead = number / rate_pps - (time.monotonic() - started)
                if ahead > 0:
                    time.sleep(ahead)
    return sent_bytes


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("device")
    parser.add_argument("capture")
    parser.add_argument("--count", type=int, default=0, help="frames to send; 0 is the file once")
    parser.add_argument("--rate", type=int, default=0, help="frames a second at most; 0 is any")
    options = parser.parse_args()
    frames = [packet.data for packet in captures.read_pcap(options.capture)]
    count = options.count or len(frames)
    print(count, send(options.device, frames, count, options.rate))
    return 0


if __name__ == "__main__":
    sys.exit(main())
