# SPDX-License-Identifier: BSD-3-Clause
"""Fixtures of the system tests, and the reasons for which some cannot run."""

import os
import shutil
import subprocess

import harness
import pytest


def namespaces_allowed():
    if os.geteuid() != 0:
        return False
    probe = harness.office_net.Namespace(harness.namespace_name())
    try:
        probe.create()
        return True
    except harness.office_net.NetworkError:
        return False
    finally:
        probe.destroy()


def missing_tool(item):
    names = [name for mark in item.iter_markers("tools") for name in mark.args]
    return next((name for name in names if not shutil.which(name)), None)


def pytest_collection_modifyitems(items):
    allowed = None
    for item in items:
        if harness.BUILD is None:
            item.add_marker(pytest.mark.skip(reason="weir is not built"))
        elif "namespace" in item.keywords:
            allowed = namespaces_allowed() if allowed is None else allowed
            if not allowed:
                reason = "network namespaces need root and CAP_SYS_ADMIN"
                item.add_marker(pytest.mark.skip(reason=reason))
        # scripts/test has installed them, so that there a missing one is a failure
        missing = None if os.environ.get("WEIR_ALL_TOOLS") else missing_tool(item)
        if missing:
            reason = f"{missing} is not installed; scripts/deps test installs it"
            item.add_marker(pytest.mark.skip(reason=reason))


def pytest_configure(config):
    config.addinivalue_line("markers", "namespace: makes network namespaces")
    config.addinivalue_line("markers", "tools(name, ...): runs programs that others wrote")


@pytest.fixture(scope="session", autouse=True)
def no_leftovers():
    """The namespaces of this run are gone when it ends."""
    yield
    listed = subprocess.run(["ip", "netns"], capture_output=True, text=True, check=False).stdout
    left = [line for line in listed.splitlines() if f"weir-test-{os.getpid()}-" in line]
    assert not left, f"left behind: {left}"


@pytest.fixture
def wire():
    with harness.Wire() as made:
        yield made


@pytest.fixture
def office():
    """Wired, but not yet open: the first frame comes after the test has started weir."""
    made = harness.office_net.Office(harness.namespace_name())
    made.wire()
    yield made
    made.down()
