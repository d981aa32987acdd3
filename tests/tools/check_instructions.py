#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Holds the instructions of each part of the packet path against a stored bound.

usage: check_instructions.py PROGRAM BOUNDS [--update]

valgrind counts them, which is the same on a busy machine: a part is run for two numbers of times, and
the difference is what one time takes, without start and end. A part fails that takes more than its
bound in BOUNDS (JSON) and 5 %; one that takes much less says so, for the bound to follow.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

FEW, MANY = 8192, 24576
SLACK = 1.05
NO_AVX2 = 77
BETTER = 0.90


def count(program, part, times):
    """Instructions of one run; None where the processor lacks those it asks for."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out"]
        done = subprocess.run(
            [*command, program, part, str(times)], capture_output=True, text=True, check=False
        )
    found = re.search(r"refs:\s+([\d,]+)", done.stderr)
    if done.returncode == NO_AVX2:
        return None
    if done.returncode != 0 or not found:
        sys.exit(f"{part}: valgrind failed\n{done.stderr[-500:]}")
    return int(found[1].replace(",", ""))


def main():
    program, path = sys.argv[1], pathlib.Path(sys.argv[2])
    bounds = json.loads(path.read_text(encoding="ascii"))
    failed = 0
    for part, bound in bounds.items():
        many = count(program, part, MANY)
        if many is None:
            print(f"{part:16} skipped: this processor has no AVX2")
            continue
        took = (many - count(program, part, FEW)) / (MANY - FEW)
        word = "ok"
        if took > bound * SLACK:
            word, failed = "MORE", failed + 1
        elif took < bound * BETTER:
            word = "less: lower the bound"
        print(f"{part:16} {took:8.1f} instructions, bound {bound:8.1f}  {word}")
        bounds[part] = round(took, 1)
    if "--update" in sys.argv[3:]:
        path.write_text(json.dumps(bounds, indent=1) + "\n", encoding="ascii")
    return 1 if failed and "--update" not in sys.argv[3:] else 0


if __name__ == "__main__":
    sys.exit(main())
