# SPDX-License-Identifier: Apache-2.0
"""Blocks of a page of docs/, to be run as they stand there."""

import re
import socket
import time

from served import PATIENCE_S, ROOT, served


def blocks(page, language):
    """The fenced blocks of a language, in their order."""
    text = (ROOT / "docs" / page).read_text()
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def here(block):
    """A block with this run's ports in place of the usual ones."""
    one = served()
    for usual, port in (("localhost:8000", one.http), ("localhost:8001", one.grpc),
                        ("localhost:8002", one.metrics)):
        block = block.replace(usual, port)
    return block


def commands(block):
    """The commands of a shell block, each with the output that comments under it say, or None."""
    found = []
    for line in block.replace("\\\n", "").splitlines():
        if line.startswith("# "):
            found[-1] = (found[-1][0], line[2:])
        elif line:
            found.append((line, None))
    return found


def free_port():
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(condition):
    """Waits for it, as long as PATIENCE_S."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("not in time")
        time.sleep(0.02)
