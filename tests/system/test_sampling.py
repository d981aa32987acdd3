# SPDX-License-Identifier: BSD-3-Clause
"""Sampling: the packets that are chosen, the sums that still close, and that everyone is told the rate."""

import csv
import io
import re
import subprocess

import captures
import harness
import pytest
from collectors import NFACCTD, HOST, PORT, Nfacctd, Nfcapd, make_url, sums
from harness import OFFICE_PCAP, Running, wait_for, weir

RATES = [2, 7, 1000]
USAGE, CONFIG = 64, 78


@pytest.fixture(scope="session")
def office():
    return captures.read_pcap(OFFICE_PCAP)


@pytest.fixture
def loopback():
    namespace = harness.office_net.Namespace(harness.namespace_name())
    namespace.create()
    yield namespace
    namespace.destroy()


def replay(*arguments, **options):
    """The records of a replay, and what it said on standard error."""
    done = weir("replay", *arguments, **options)
    return captures.read_jsonl(done.stdout), done.stderr


def packets_of(records):
    return sum(record["packets"] + record["rev_packets"] for record in records)


def sampled_out(said):
    return int(re.search(r"not scaled; ([\d,]+) sampled out", said)[1].replace(",", ""))


def ledger(said):
    """received, metered, not metered, sampled out"""
    pattern = r"closes: packets (\d+) = metered (\d+) \+ not metered (\d+) \+ sampled out (\d+);"
    return tuple(map(int, re.search(pattern, said.replace(",", "")).groups()))


@pytest.mark.parametrize("rate", RATES)
def test_systematic_meters_every_nth_packet(rate, office):
    flows, other = captures.meter(office[::rate])
    records, said = replay("--sample", rate, OFFICE_PCAP)
    assert captures.sum_records(records) == flows
    assert all(record["sampling_rate"] == rate for record in records)
    chosen = -(-len(office) // rate)
    assert f"sampled    1 in {rate}: counts are of selected packets, not scaled" in said
    assert ledger(said) == (len(office), chosen - other, other, len(office) - chosen)


@pytest.mark.parametrize("rate", RATES)
def test_random_meters_one_of_every_n(rate, office, tmp_path):
    everything, _ = captures.meter(office)
    records, said = replay("--sample", f"random:{rate}", OFFICE_PCAP)
    received, metered, other, out = ledger(said)
    windows, rest = divmod(len(office), rate)
    assert received - out in ([windows] if rest == 0 else [windows, windows + 1])
    assert metered + other == received - out and packets_of(records) == metered
    for key, counts in captures.sum_records(records).items():
        assert all(part <= whole for part, whole in zip(counts, everything[key]))
    assert f"sampled    1 in {rate} at random: " in said
    seeded = tmp_path / "seeded.yaml"
    seeded.write_text(
        f"sampling: {{rate: {rate}, method: random}}\nflows: {{hash_seed: 42}}\n",
    )
    once, again = (replay("-q", "-c", seeded, OFFICE_PCAP) for _ in range(2))
    assert once == again, "a fixed seed repeats a run"


def test_without_sampling_nothing_is_said_of_it(office):
    records, said = replay("--sample", 1, OFFICE_PCAP)
    assert captures.sum_records(records) == captures.meter(office)[0]
    assert "sampl" not in said and not any("sampling_rate" in record for record in records)


def test_csv_has_a_column_for_it():
    rows = list(csv.DictReader(io.StringIO(weir("replay", "-q", "--sample", 3, "--format", "csv", OFFICE_PCAP).stdout)))
    assert rows and {row["sampling_rate"] for row in rows} == {"3"}


@pytest.mark.parametrize("workers", [2, 3])
def test_every_worker_samples_its_own_packets(workers, office):
    records, said = replay("--sample", 7, "--workers", workers, OFFICE_PCAP)
    received, metered, other, out = ledger(said)
    chosen = received - out
    assert received == len(office) and metered + other == chosen
    assert len(office) / 7 <= chosen < len(office) / 7 + workers
    assert packets_of(records) == metered


def test_the_filter_sees_what_was_selected(office):
    flows, _ = captures.meter(office[::3])
    records, said = replay("--sample", 3, "-f", "tcp", OFFICE_PCAP)
    wanted = {key: counts for key, counts in flows.items() if key[0] == 6}
    assert captures.sum_records(records) == wanted
    assert sampled_out(said) == len(office) - len(office[::3])


def test_a_trace_shows_what_became_of_each_packet():
    said = weir("replay", "--trace", 10, "--sample", 5, OFFICE_PCAP).stdout
    assert said.count("not selected by packet sampling") == 8


def test_the_command_line_wins(tmp_path):
    path = tmp_path / "weir.yaml"
    path.write_text("sampling:\n  rate: 100\n  method: random\n")
    assert "1 in 100 at random" in replay("-c", path, OFFICE_PCAP)[1]
    assert "1 in 5: " in replay("-c", path, "--sample", 5, OFFICE_PCAP)[1]
    assert "sampl" not in replay("-c", path, "--sample", 1, OFFICE_PCAP)[1]
    assert "1 packet in 100" in weir("plan", path).stdout


@pytest.mark.parametrize("word", ["0", "-1", "x", "7x", "sometimes:7", "random:", "1000001"])
def test_what_is_no_rate_is_refused(word):
    said = weir("replay", f"--sample={word}", OFFICE_PCAP, code=USAGE).stderr
    assert f"--sample {word}: " in said and "expected" in said


def test_version_5_takes_no_rate_that_it_cannot_say(tmp_path):
    url = make_url("netflow-v5")
    said = weir("replay", "--sample", 16384, "--export", url, OFFICE_PCAP, code=USAGE).stderr
    assert "version 5" in said and "16383" in said
    path = tmp_path / "weir.yaml"
    path.write_text(
        "outputs:\n- collector: 192.0.2.1:2055\n  format: netflow-v5\nsampling: {rate: 20000}\n",
    )
    said = weir("check", path, code=CONFIG).stderr
    assert f"{path}:3:11: outputs[0].format: netflow-v5 with a sampling.rate of 20000" in said


@pytest.mark.tools("ipfixDump")
@pytest.mark.parametrize("method", ["systematic", "random"])
def test_ipfix_reports_selector_and_sums(method, office, tmp_path):
    path = tmp_path / "flows.ipfix"
    said = weir("replay", "--sample", f"{method}:7", "--format", "ipfix", "-o", path, OFFICE_PCAP).stderr
    dumped = subprocess.run(["ipfixDump", "-d", "-i", path], capture_output=True, check=True).stdout.decode()

    def last(number):
        return int(re.findall(rf"^\t\({number}\)[^:]* : (\d+)", dumped, re.MULTILINE)[-1])

    received, _, _, out = ledger(said)
    assert (last(318), last(319)) == (received, received - out), "observed and selected"
    assert last(34) == 7
    if method == "systematic":
        assert (last(304), last(305), last(306)) == (1, 1, 6)
    else:
        assert (last(304), last(309), last(310)) == (3, 1, 7)


def scaled(records, rate):
    return {key: [rate * count for count in counts] for key, counts in sums(records).items()}


SCHEMES = [("ipfix", 0), ("netflow-v9", 0), ("netflow-v5", 74)]


@pytest.mark.namespace
@pytest.mark.tools(*Nfcapd.tools)
@pytest.mark.parametrize("scheme, code", SCHEMES)
@pytest.mark.parametrize("sample", ["7", "random:7"])
def test_nfdump_multiplies(loopback, tmp_path, scheme, code, sample):
    path = tmp_path / "flows.jsonl"
    with Nfcapd(loopback, tmp_path) as judge:
        arguments = ["--sample", sample, "-o", path, "--export", judge.url(scheme)]
        weir("replay", "-q", *arguments, OFFICE_PCAP, within=loopback, code=code)
        records = captures.read_jsonl(path.read_text())
        if scheme == "netflow-v5":
            records = [record for record in records if record["ip_version"] == 4]
        assert records and sums(judge.rows()) == scaled(records, 7)


class RenormalizingNfacctd(Nfacctd):
    """As users run it who want estimates."""

    def command(self):
        path = self.folder / "nfacctd.conf"
        text = NFACCTD.format(host=HOST, port=PORT, output=self.output())
        path.write_text(text + "nfacctd_renormalize: true\n")
        return ["nfacctd", "-f", path]


@pytest.mark.namespace
@pytest.mark.tools(*Nfacctd.tools)
@pytest.mark.parametrize("scheme, options", [("ipfix", {"uniflow": "true"}), ("netflow-v9", {})])
@pytest.mark.parametrize("sample", ["7", "random:7"])
def test_pmacct_renormalizes(loopback, tmp_path, scheme, options, sample):
    path = tmp_path / "flows.jsonl"
    with RenormalizingNfacctd(loopback, tmp_path) as judge:
        arguments = ["--sample", sample, "-o", path, "--export", judge.url(scheme, **options)]
        weir("replay", "-q", *arguments, OFFICE_PCAP, within=loopback)
        records = captures.read_jsonl(path.read_text())
        assert records and sums(judge.rows()) == scaled(records, 7)


LIVE = """
ports:
  - interface: eth1
    driver: af_xdp
    rx_descriptors: 2048
workers:
  count: 1
sampling:
  rate: 10
  method: {{method}}
flows:
  capacity_per_worker: 65536
outputs:
  - path: {records}
control:
  directory: {sockets}
"""


@pytest.mark.namespace
@pytest.mark.parametrize("method", ["systematic", "random"])
def test_live_sums_close_and_every_screen_says_so(wire, tmp_path, method):
    """More frames than there are buffers: what is sampled out is given back, too."""
    with Running(wire.namespace, tmp_path, LIVE.replace("{{method}}", method)) as running:
        sent, octets = wire.send(OFFICE_PCAP, "--count", 30000, "--rate", 20000)
        wait_for(lambda: running.workers()["rx_packets"] == sent, "all frames to be received")
        workers = running.workers()
        assert workers["rx_octets"] == octets
        assert workers["decode_drop_sampled_out_packets"] == sent * 9 // 10
        audit = running.assert_ledger()
        assert "sampled_out" in str(audit)
        words = f"1 in 10{' at random' if method == 'random' else ''}: counts are of selected packets, not scaled"
        for screen in ["status"], ["flows"]:
            assert f"sampled {words}" in " ".join(running.call(*screen).stdout.split())
            assert running.ask(*screen)["sampling"] == {"method": method, "rate": 10}
        assert all(flow["sampling_rate"] == 10 for flow in running.ask("flows")["flows"])
        assert "SAMPLED OUT" in running.call("workers").stdout
        assert "of them 27.0 k sampled out" in running.call("drops").stdout
        assert running.stop() == 0
        assert packets_of(running.read_records()) == workers["metered_packets"]
        assert f"weir: sampled {words}" in running.text()
        assert re.search(r"closes: .*sampled out 27,?000", running.text())
