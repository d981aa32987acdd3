# SPDX-License-Identifier: BSD-3-Clause
"""Counts test cases from the logs of the tools that ran them."""

import json
import re
import xml.etree.ElementTree as ElementTree
from collections import Counter

TAP_LINE = re.compile(r"^(not )?ok\b\s*\d*\s*-?\s*(.*?)(?:\s*#\s*SKIP\b\s*(.*))?$", re.IGNORECASE)
LINT_LINE = re.compile(r"^(ok|FAILED|skipped)\s+([\w-]+)(?::\s*(.*))?$")


def shorten(name, limit=160):
    return name if len(name) <= limit else name[: limit - 3] + "..."


class Tally:
    """What passed, failed and was skipped, with a name for each case that did not pass."""

    def __init__(self):
        self.passed = 0
        self.failed = []
        self.skipped = []

    def add_pass(self):
        self.passed += 1

    def add_failure(self, name, detail):
        self.failed.append((name, detail))

    def add_skip(self, name, reason):
        self.skipped.append((name, reason.strip() or "no reason was given"))

    def merge(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def in_words(self):
        parts = [f"{self.passed} ok"]
        parts += [f"{len(self.failed)} FAILED"] if self.failed else []
        parts += [f"{len(self.skipped)} skipped"] if self.skipped else []
        return ", ".join(parts)

    def explain(self):
        """A line for each skip and each failure; a line that recurs comes once, with a count."""
        lines = Counter(f"skipped {name}: {reason}" for name, reason in self.skipped)
        lines += Counter(f"FAILED {shorten(name)}: {detail}" for name, detail in self.failed)
        return [line if count == 1 else f"{line} ({count} times)" for line, count in lines.items()]

    def is_empty(self):
        return not (self.passed or self.failed or self.skipped)

    def closing_line(self):
        return f"{self.passed} passed, {len(self.failed)} failed, {len(self.skipped)} skipped"


def last_line(text):
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""


def count_tap(text, prefix, detail):
    """A tally of the TAP lines in `text`; empty when there are none."""
    tally = Tally()
    for line in text.splitlines():
        match = TAP_LINE.match(line)
        if not match:
            continue
        name = f"{prefix}: {match.group(2)}"
        if match.group(1):
            tally.add_failure(name, detail)
        elif match.group(3) is not None:
            tally.add_skip(name, match.group(3))
        else:
            tally.add_pass()
    return tally


def count_meson_test(entry, prefix, detail):
    """A tally of one program that meson ran: its TAP cases, or the program as one case."""
    name = f"{prefix} {entry['name'].rsplit(' / ', 1)[-1].removeprefix('weir:')}"
    tally = count_tap(entry.get("stdout", ""), name, detail)
    result = entry["result"]
    if result in ("OK", "EXPECTEDFAIL"):
        if tally.is_empty():
            tally.add_pass()
    elif result == "SKIP":
        if not tally.skipped:
            said = last_line(entry.get("stdout", "") + entry.get("stderr", ""))
            tally.add_skip(name, re.sub(r"^1\.\.0\s*#\s*SKIP\S*\s*", "", said, flags=re.IGNORECASE))
    elif not tally.failed:
        # It crashed, hung or printed no plan: no case of its own says so.
        tally.add_failure(f"{name}: {result.lower()}", detail)
    return tally


def count_meson(log_path, prefix, detail):
    """A tally of meson's testlog.json."""
    tally = Tally()
    with open(log_path, encoding="utf-8") as log:
        for line in log:
            tally.merge(count_meson_test(json.loads(line), prefix, detail))
    return tally


def count_junit(xml_path, prefix, detail):
    """A tally of the JUnit report that pytest writes."""
    tally = Tally()
    for case in ElementTree.parse(xml_path).iter("testcase"):
        name = f"{prefix} {case.get('classname', '').rsplit('.', 1)[-1]}: {case.get('name')}"
        skip = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            tally.add_failure(name, detail)
        elif skip is not None:
            tally.add_skip(name, skip.get("message", ""))
        else:
            tally.add_pass()
    return tally


def count_lint(text, prefix, detail):
    """A tally of the lines `ok NAME`, `FAILED NAME` and `skipped NAME: reason` of scripts/lint."""
    tally = Tally()
    for line in text.splitlines():
        match = LINT_LINE.match(line)
        if not match:
            continue
        name = f"{prefix} {match.group(2)}"
        if match.group(1) == "ok":
            tally.add_pass()
        elif match.group(1) == "FAILED":
            tally.add_failure(name, detail)
        else:
            tally.add_skip(name, match.group(3) or "")
    return tally
