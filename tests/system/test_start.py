# SPDX-License-Identifier: BSD-3-Clause
"""How weir starts, and how it refuses: exit codes after sysexits, cause and cure in a few lines."""

import json
import re

import pytest
from harness import OFFICE_PCAP, weir

USAGE, DATA, NO_INPUT, CANNOT_CREATE, CONFIG = 64, 65, 66, 73, 78


def refused(*arguments, code):
    """What weir says when it refuses: one to three lines, none of them EAL's."""
    said = weir(*arguments, code=code).stderr.strip()
    assert 1 <= len(said.splitlines()) <= 3, said
    assert "EAL" not in said
    return said


def test_version_names_dpdk():
    assert re.match(r"weir \d+\.\d+\.\d+.*DPDK \d+\.\d+", weir("--version").stdout, re.DOTALL)


@pytest.mark.parametrize("subcommand", ["replay", "run", "check"])
def test_every_subcommand_has_help(subcommand):
    text = weir(subcommand, "--help").stdout
    assert f"weir {subcommand}" in text
    assert all(len(line) <= 100 for line in text.splitlines())
    assert subcommand in weir("--help").stdout


def test_an_unknown_subcommand():
    assert "replai" in refused("replai", code=USAGE)


def test_an_unknown_option():
    assert "--wrokers" in refused("replay", "--wrokers", "2", OFFICE_PCAP, code=USAGE)


def test_no_file_to_replay():
    refused("replay", code=USAGE)


def test_a_capture_that_is_not_there(tmp_path):
    said = weir("replay", "--quiet", tmp_path / "absent.pcap", code=NO_INPUT).stderr
    assert "absent.pcap" in said


def test_a_file_that_is_no_capture(tmp_path):
    (tmp_path / "text.pcap").write_text("This is no capture, and long enough to be looked at.\n")
    assert "text.pcap" in weir("replay", "--quiet", tmp_path / "text.pcap", code=DATA).stderr


def test_an_output_that_cannot_be_made(tmp_path):
    out = tmp_path / "absent" / "flows.jsonl"
    assert str(out) in refused("replay", "-o", out, OFFICE_PCAP, code=CANNOT_CREATE)


def test_run_without_a_port():
    refused("run", code=USAGE)


def test_an_interface_that_is_not_there():
    assert "absent7" in refused("run", "-i", "absent7", code=NO_INPUT)


def test_a_config_that_is_not_there(tmp_path):
    assert "absent.yaml" in refused("run", "-c", tmp_path / "absent.yaml", code=NO_INPUT)


BROKEN = """ports:
  - interface: eth1
flows:
  active_timeot: 60s
  idle_timeout: 15 parsecs
"""


@pytest.mark.parametrize("command", [["check"], ["run", "-c"]])
def test_a_config_with_errors_names_each_place(command, tmp_path):
    path = tmp_path / "broken.yaml"
    path.write_text(BROKEN)
    said = weir(*command, path, code=CONFIG).stderr
    assert f'{path}:4:3: flows.active_timeot: unknown key; did you mean "active_timeout"?' in said
    assert re.search(rf"{re.escape(str(path))}:5:\d+: flows\.idle_timeout.*15 parsecs", said)


def test_a_good_config_checks(tmp_path):
    path = tmp_path / "good.yaml"
    path.write_text("ports:\n  - interface: eth1\n")
    assert weir("check", path).stderr == ""


def test_bench_measures_beside_its_yardsticks():
    """Figures are not judged here: another machine has others."""
    done = weir("bench", "--quick", "--json", "--scenario", "64k")
    told = json.loads(done.stdout)
    [result] = told["results"]
    assert told["left_out"] == []
    assert result["scenario"] == "64k" and result["flows"] == 64000
    for row in "floor", "limit", "hash", "table", "weir":
        assert result[f"{row}_cycles"] > 0
    assert result["weir_cycles"] > result["floor_cycles"]
    for yardstick in "limit", "hash":
        for row, ratio in ("table", f"table_to_{yardstick}"), ("weir", f"to_{yardstick}"):
            assert abs(result[ratio] - result[f"{row}_cycles"] / result[f"{yardstick}_cycles"]) < 0.01
    said = weir("bench", "--quick", "--scenario", "64k").stdout
    assert all(len(line) <= 100 for line in said.splitlines() if not line.startswith("weir "))
    header, figures = said.splitlines()[-2:] if "noisy:" not in said else said.splitlines()[-4:-2]
    assert header.split() == "floor LIMIT hash table weir LIMIT hash LIMIT hash Mpkt/s".split()
    assert figures.startswith("64 k flows ") and len(figures.split()) >= 13
    assert "--list" in weir("bench", "--scenario", "none", code=64).stderr
    listed = weir("bench", "--list").stdout
    assert "flood" in listed and re.search("^16m +16 M flows$", listed, re.MULTILINE)


@pytest.mark.parametrize("part", ["publish", "drain", "send", "ethdev"])
def test_bench_measures_what_stands_around_the_path(part):
    [figure] = json.loads(weir("bench", "--json", "--scenario", part).stdout)["parts"]
    assert figure["part"] == part and figure["figure"] > 0 and figure["noise"] >= 0
    assert part in weir("bench", "--list").stdout
    if figure["unit"] == "LIMIT":
        assert figure["figure"] > 1  # nothing is faster than LIMIT


class SmallMachine:
    """Where a program sees no more memory than the first scenario of the bench takes."""

    def __init__(self, folder):
        self.meminfo = folder / "meminfo"
        self.meminfo.write_text("MemTotal: 24599500 kB\nMemAvailable: 16384 kB\n")

    def command(self, *command):
        script = f'mount --bind {self.meminfo} /proc/meminfo && exec "$@"'
        return ["unshare", "--mount", "sh", "-c", script, "sh", *command]


@pytest.mark.namespace
def test_bench_leaves_out_what_has_no_memory(tmp_path):
    small = SmallMachine(tmp_path)
    said = weir("bench", within=small).stdout
    assert re.search(r"^1 k flows, in the cache +\d", said, re.MULTILINE)
    assert "\n16 M flows: left out: takes 10.6 GiB; of what is free it may take 12.0 MiB\n" in said
    assert "\nclock hand, 4 M flows in 5 s: left out: takes 6" in said
    done = weir("bench", "--scenario", "16m", within=small)
    assert "16 M flows: left out" in done.stderr and "left out" not in done.stdout
    done = weir("bench", "--json", "--scenario", "4m", within=small)
    told = json.loads(done.stdout)
    assert told["results"] == [] and "left out" in done.stderr
    assert told["left_out"] == [
        {
            "scenario": "4m",
            "what": "4 M flows",
            "reason": "takes 2.6 GiB; of what is free it may take 12.0 MiB",
        }
    ]


def test_plan_reckons_what_run_will_take(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text("ports: [{vdev: net_null0}]\nworkers: {count: 1}\nflows: {capacity_per_worker: 100k}\n")
    said = weir("plan", path).stdout
    assert "100 k flows in 16.1 MiB" in said
    assert "packet buffers" in said and "absorbed for" in said and "speed      unknown" in said
    figures = tmp_path / "bench.json"
    figures.write_text(weir("bench", "--quick", "--json", "--scenario", "64k").stdout)
    said = weir("plan", "--bench", figures, path).stdout
    assert "in all, by the bench (64 k flows)" in said and "Gb/s of IMIX" in said
    path.write_text("flows: {capacity_per_worker: 256M}\nworkers: {count: 64}\n")
    assert "more memory than is available" in weir("plan", path).stdout
    path.write_text("flows: {capacity: 1}\n")
    assert "unknown key" in weir("plan", path, code=78).stderr
    assert "takes one configuration" in weir("plan", code=64).stderr
    path.write_text("")
    assert "weir bench --json" in weir("plan", "--bench", tmp_path / "none", path, code=66).stderr
