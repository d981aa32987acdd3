# SPDX-License-Identifier: BSD-3-Clause
"""Builds weir in each way that the tests want and runs them; scripts/test calls it.

Every case counts once: a Check case, a pytest case, a seed, a fuzz target, a lint step. The last
line is `N passed, N failed, N skipped`; the exit code is 1 when anything failed.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

import tally as tally_module
from tally import Tally

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOGS = ROOT / "build-logs"

# Build folder: environment and options of meson setup.
BUILDS = {
    "build-test": ({}, ["-Dwerror=true", "--buildtype=debugoptimized"]),
    "build-clang": (
        {"CC": "clang"},
        ["-Dwerror=true", "--buildtype=debugoptimized", "-Dfuzz=true", "-Db_lundef=false"]
        + ["-Db_sanitize=address,undefined"],
    ),
    # gcc warns of more, and wrongly, when it instruments; and of fences that it does not model.
    "build-tsan": (
        {},
        ["--buildtype=debugoptimized", "-Db_sanitize=thread", "-Dc_args=-Wno-tsan"],
    ),
}

SANITIZER_OPTIONS = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1",
    "LSAN_OPTIONS": f"suppressions={ROOT}/tests/tools/lsan.supp:print_suppressions=0",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
}

FUZZ_SECONDS = 20
SLOW_FACTOR = 10


class BuildError(Exception):
    """A build that did not come to its end; the log says why."""


def shown(path):
    return os.path.relpath(path, ROOT)


def run(command, log, environment=None, timeout=None):
    """Runs a command with its output appended to the log; returns its exit code."""
    with open(log, "ab") as output:
        output.write(("\n$ " + " ".join(map(str, command)) + "\n").encode())
        output.flush()
        try:
            return subprocess.run(
                command,
                cwd=ROOT,
                env={**os.environ, **SANITIZER_OPTIONS, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=timeout,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            output.write(f"\nstopped after {timeout} s\n".encode())
            return 124


def build(folder, log):
    """Configures `folder` when it is new or its options have changed, and compiles."""
    environment, options = BUILDS[folder]
    wanted = " ".join([*(f"{key}={value}" for key, value in environment.items()), *options])
    stamp = ROOT / folder / "options.stamp"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        shutil.rmtree(ROOT / folder, ignore_errors=True)
        if run(["meson", "setup", folder, *options], log, environment) != 0:
            raise BuildError
        stamp.write_text(wanted, encoding="utf-8")
    if run(["ninja", "-C", folder], log) != 0:
        raise BuildError


def meson_tests(folder, name, log, prefix=(), suites=()):
    """Builds and runs the Check tests, model tests and seeds of one build folder."""
    build(folder, log)
    command = [*prefix, "meson", "test", "-C", folder, "--no-rebuild", "--timeout-multiplier", "4"]
    command += ["--no-suite", "bench", "--logbase", name]
    command += [word for suite in suites for word in ("--suite", suite)]
    report = ROOT / folder / "meson-logs" / f"{name}.json"
    report.unlink(missing_ok=True)
    code = run(command, log)
    detail = f"see {shown(report.with_suffix('.txt'))}"
    if not report.exists():
        result = Tally()
        result.add_failure(f"{name}: meson test ended with {code}", f"see {shown(log)}")
        return result
    return tally_module.count_meson(report, name, detail)


def step_lint(options, log):
    code = run([ROOT / "scripts" / "lint"], log)
    result = tally_module.count_lint(log.read_text(errors="replace"), "lint", f"see {shown(log)}")
    if code != 0 and not result.failed:
        result.add_failure(f"lint: ended with {code}", f"see {shown(log)}")
    return result


def step_unit(options, log):
    return meson_tests("build-test", "unit", log)


def step_sanitize(options, log):
    return meson_tests("build-clang", "sanitize", log)


def step_instructions(options, log):
    """Counts the instructions of each part of the packet path, which no load changes."""
    build("build-test", log)
    result, bench = Tally(), ROOT / "tests" / "bench"
    command = [ROOT / "tests" / "tools" / "check_instructions.py"]
    command += [ROOT / "build-test" / "tests" / "bench" / "guard_path", bench / "instructions.json"]
    if run(command, log) == 0:
        result.add_pass()
    else:
        result.add_failure("instructions", f"see {shown(log)}")
    return result


def step_threads(options, log):
    # ThreadSanitizer wants its shadow where address space randomisation may put a library; some
    # containers forbid to switch that off.
    fixed = ["setarch", "--addr-no-randomize"]
    allowed = run([*fixed, "true"], log) == 0
    return meson_tests("build-tsan", "threads", log, fixed if allowed else [], suites=["unit"])


def step_fuzz(options, log):
    """Fuzzes each target, two at a time."""
    build("build-clang", log)
    targets = sorted((ROOT / "tests" / "fuzz").glob("fuzz_*.c"))
    names = [target.stem.removeprefix("fuzz_") for target in targets if target.stem != "fuzz_main"]
    factor = SLOW_FACTOR if options.slow else 1
    result = Tally()
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        for one in pool.map(lambda name: fuzz_one(name, factor), names):
            result.merge(one)
    return result


def fuzz_one(name, factor):
    """Fuzzes one target, from its seeds and from what earlier runs have found."""
    result, log = Tally(), LOGS / f"fuzz-{name}.log"
    program = ROOT / "build-clang" / "tests" / "fuzz" / f"fuzz_{name}"
    if not program.exists():
        result.add_failure(f"fuzz {name}: no such program", "see tests/fuzz/meson.build")
        return result
    found = ROOT / "build-clang" / "corpus" / name
    found.mkdir(parents=True, exist_ok=True)
    seconds = FUZZ_SECONDS * factor
    command = [program, found, ROOT / "tests" / "fuzz" / "seeds" / name, "-max_len=4096"]
    command += [f"-max_total_time={seconds}", "-timeout=10", f"-artifact_prefix={log.with_suffix('')}-"]
    log.write_bytes(b"")
    if run(command, log, timeout=seconds + 120) == 0:
        result.add_pass()
    else:
        result.add_failure(f"fuzz {name}", f"see {shown(log)}")
    return result


def system_tests(folder, name, options, log):
    build(folder, log)
    report = LOGS / f"{name}.xml"
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/system", "-v"]
    command += [f"--junit-xml={report}", "-o", "junit_family=xunit2"]
    environment = {"WEIR_BUILD": str(ROOT / folder)}
    if not os.environ.get("WEIR_SKIP_DEPS"):
        environment["WEIR_ALL_TOOLS"] = "1"
    if options.slow:
        environment["WEIR_SLOW"] = "1"
    code = run(command, log, environment)
    if report.exists():
        result = tally_module.count_junit(report, name, f"see {shown(log)}")
    else:
        result = Tally()
    if code != 0 and not result.failed:
        result.add_failure(f"{name}: pytest ended with {code}", f"see {shown(log)}")
    return result


def step_system(options, log):
    return system_tests("build-test", "system", options, log)


def step_system_sanitize(options, log):
    return system_tests("build-clang", "system-sanitize", options, log)


# Steps that only --slow and --only run: long ones, and one whose bounds are of one compiler.
SLOW_STEPS = ("system-sanitize", "instructions")

# Name, function, what it does, and whether --quick includes it.
STEPS = [
    ("unit", step_unit, "unit, model and replay tests (gcc, warnings are errors)", True),
    ("sanitize", step_sanitize, "the same under ASan and UBSan (clang)", False),
    ("threads", step_threads, "the unit tests under ThreadSanitizer (gcc)", False),
    ("fuzz", step_fuzz, "each fuzz target for 20 s", False),
    ("system", step_system, "whole programs in private network namespaces", False),
    ("system-sanitize", step_system_sanitize, "the same under ASan and UBSan", False),
    ("instructions", step_instructions, "instructions a packet against stored bounds", False),
    ("lint", step_lint, "scripts/lint", False),
]


def parse_arguments():
    parser = argparse.ArgumentParser(
        prog="scripts/test",
        description="Installs what is missing, builds weir and runs its tests.",
        epilog="The capture corpus is read from the folder in WEIR_CORPUS when that is set.",
    )
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--quick", action="store_true", help="unit tests only")
    slow_help = "sanitizer builds, longer faults, and ten times the fuzzing"
    group.add_argument("--slow", action="store_true", help=slow_help)
    parser.add_argument(
        "--only", metavar="NAME", action="append", help="only this step; may be given again"
    )
    parser.add_argument("--list", action="store_true", help="list the steps and stop")
    options = parser.parse_args()
    for name in options.only or []:
        if name not in [step[0] for step in STEPS]:
            parser.error(f'no step is called "{name}"; --list shows them')
    return options


def chosen_steps(options):
    if options.only:
        return [step for step in STEPS if step[0] in options.only]
    if options.slow:
        return STEPS
    return [
        step for step in STEPS if step[0] not in SLOW_STEPS and (step[3] or not options.quick)
    ]


def run_step(name, function, options):
    log = LOGS / f"{name}.log"
    log.write_bytes(b"")
    try:
        return function(options, log)
    except BuildError:
        result = Tally()
        lines = [line for line in log.read_text(errors="replace").splitlines()]
        cause = next((line for line in lines if re.search(r"\berror\b", line, re.IGNORECASE)), "")
        result.add_failure(f"{name}: the build failed: {cause.strip()}", f"see {shown(log)}")
        return result


def main():
    options = parse_arguments()
    if options.list:
        for name, _, text, _ in STEPS:
            print(f"{name:16} {text}")
        return 0
    LOGS.mkdir(exist_ok=True)
    total = Tally()
    for name, function, text, _ in chosen_steps(options):
        print(f"{name:16} {text}", flush=True)
        started = time.monotonic()
        result = run_step(name, function, options)
        total.merge(result)
        print(f"{'':16} {result.in_words()}, {time.monotonic() - started:.0f} s", flush=True)
    print()
    for line in total.explain():
        print(line)
    print(total.closing_line())
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main())
