# SPDX-License-Identifier: BSD-3-Clause
"""Reads one capture with weir, softflowd, nfpcapd, pmacctd and argus and compares what it costs.

Each program runs as its manual says for reading a file and has to give its flows away: to a file, or
(softflowd) as NetFlow to a local port where nobody listens. CPU time is user and system time of
the program and of the processes it waits for; the best of the runs counts.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Room for all flows of the default capture at once, so that no peer pays for a table too small.
FLOWS_MAX = 2000000
PMACCTD_BUCKETS = 500009

PMACCTD = """daemonize: false
pcap_savefile: {capture}
pcap_savefile_delay: 0
aggregate: src_host, dst_host, src_port, dst_port, proto, tcpflags
plugins: print
print_output: csv
print_output_file: {folder}/flows.csv
print_refresh_time: 3600
print_cache_entries: {buckets}
plugin_buffer_size: 102400
plugin_pipe_size: 102400000
"""


def weir(capture, folder):
    program = ROOT / "build" / "app" / "weir" / "weir"
    return [program, "replay", "--quiet", "--workers", "1", "-o", folder / "flows.jsonl", capture]


def softflowd(capture, folder):
    return ["softflowd", "-d", "-r", capture, "-m", str(FLOWS_MAX), "-v", "9", "-c", "none",
            "-p", folder / "pid", "-n", "127.0.0.1:19995"]  # fmt: skip


def nfpcapd(capture, folder):
    return ["nfpcapd", "-r", capture, "-w", folder]


def pmacctd(capture, folder):
    config = folder / "pmacctd.conf"
    text = PMACCTD.format(capture=capture, folder=folder, buckets=PMACCTD_BUCKETS)
    config.write_text(text, encoding="utf-8")
    return ["pmacctd", "-f", config]


def argus(capture, folder):
    return ["argus", "-r", capture, "-w", folder / "flows.argus"]


PROGRAMS = [weir, softflowd, nfpcapd, pmacctd, argus]


def measure(command, log):
    """Runs a command; returns its exit code, CPU seconds and peak memory in bytes."""
    with open(log, "wb") as output:
        process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def best_of(program, capture, runs, scratch):
    """The run with the least CPU time, or None with a note when the program failed."""
    best = None
    for _ in range(runs):
        folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{program.__name__}-", dir=scratch))
        log = folder / "log"
        code, seconds, memory = measure(program(capture, folder), log)
        if code != 0:
            lines = log.read_text(errors="replace").strip().splitlines()
            print(f"{program.__name__}: ended with {code}: {' '.join(lines[-1:])}", file=sys.stderr)
            return None
        shutil.rmtree(folder)
        if best is None or seconds < best[0]:
            best = (seconds, memory)
    return best


def make_capture(options, scratch):
    """A generated capture; the generator is a test tool, built here without the rest."""
    generator = scratch / "make_capture"
    source = ROOT / "tests" / "tools" / "make_capture.c"
    subprocess.run(["gcc", "-O2", "-D_GNU_SOURCE", "-o", generator, source, "-lm"], check=True)
    capture = scratch / "capture.pcap"
    subprocess.run(
        [generator, "--packets", str(options.packets), "--flows", str(options.flows)]
        + ["--seed", str(options.seed), "--snap", str(options.snap), capture],
        check=True,
    )
    return capture


def print_table(results, packets):
    print(f"{'PROGRAM':12}{'CPU':>10}{'PACKETS / CPU s':>18}{'WEIR IS FASTER':>16}{'PEAK MEMORY':>14}")
    own = results.get("weir")
    for name, (seconds, memory) in results.items():
        ratio = f"{seconds / own[0]:.1f} x" if own and name != "weir" else "-"
        rate = f"{packets / seconds / 1e6:.2f} M"
        print(f"{name:12}{seconds:8.2f} s{rate:>18}{ratio:>16}{memory / 2**20:10.0f} MiB")


def main():
    parser = argparse.ArgumentParser(
        prog="scripts/compare-peers", description=__doc__.split("\n", maxsplit=1)[0]
    )
    parser.add_argument("--packets", type=int, default=5000000)
    parser.add_argument("--flows", type=int, default=1000000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--snap", type=int, default=96, help="octets kept of a packet; 0 is all")
    parser.add_argument("--runs", type=int, default=3, help="the best counts (default 3)")
    parser.add_argument("--only", metavar="NAME", action="append", help="only this program")
    options = parser.parse_args()
    known = [program.__name__ for program in PROGRAMS]
    for name in options.only or []:
        if name not in known:
            parser.error(f'unknown program "{name}"; expected {", ".join(known)}')
    with tempfile.TemporaryDirectory(prefix="weir-compare-") as scratch:
        scratch = pathlib.Path(scratch)
        capture = make_capture(options, scratch)
        size = capture.stat().st_size
        print(f"{options.packets:,} packets, about {options.flows:,} conversations, seed "
              f"{options.seed}, {size / 1e6:.0f} MB; best of {options.runs}")  # fmt: skip
        results = {}
        for program in PROGRAMS:
            if not options.only or program.__name__ in options.only:
                best = best_of(program, capture, options.runs, scratch)
                if best:
                    results[program.__name__] = best
    print_table(results, options.packets)
    return 0 if len(results) == len(options.only or PROGRAMS) else 1


if __name__ == "__main__":
    sys.exit(main())
