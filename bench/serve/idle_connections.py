"""10,000 clients that keep their connection and ask nothing.

The floor: what the kernel keeps of a connection is not counted; of ours it is a descriptor, a
coroutine and a buffer that grows with the first byte.
"""

import contextlib
import pathlib
import re
import resource
import socket

import load
from stack import Stack, until

CONNECTIONS = 10_000
PER_ADDRESS = 1_000  # the gateway takes 1,024 from one
ROUNDS = 5
ROUND_SECONDS = 2
BODY = b"x" * 100
REQUEST = b"GET /v2/health/live HTTP/1.1\r\nHost: bench\r\n\r\n"


def resident_mb(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024 / 1e6


def descriptors(pid):
    return len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir()))


@contextlib.contextmanager
def idle_clients(stack):
    """Each asked once, and got its answer. At the end the gateway has seen all of them leave."""
    clients = []
    try:
        for i in range(CONNECTIONS):
            client = socket.create_connection(
                ("127.0.0.1", stack.port), source_address=(f"127.0.1.{1 + i // PER_ADDRESS}", 0))
            clients.append(client)
            client.sendall(REQUEST)
            if not client.recv(4096).startswith(b"HTTP/1.1 200"):
                raise SystemExit("an idle client was refused")
        yield
    finally:
        for client in clients:
            client.close()
        until("the ends of connections", lambda: descriptors(stack.gateway) < CONNECTIONS // 10)


def measure(bench):
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(limit[0], CONNECTIONS + 200), limit[1]))
    with Stack(bench.programs, bench.any_model, bench.folder, bench.echo_worker) as stack:
        body = bench.folder / "small-body"
        body.write_bytes(BODY)
        script = load.write_script(bench.folder / "calm.lua", stack.key, body, 20)
        calm, beside = [], []
        for _ in range(ROUNDS):
            calm.append(load.run_wrk(stack.url, script, 16, ROUND_SECONDS, []).p99_ms)
            with idle_clients(stack):
                resident = resident_mb(stack.gateway)
                beside.append(load.run_wrk(stack.url, script, 16, ROUND_SECONDS, []).p99_ms)
    yield {"name": "idle-connections-mb", "value": resident, "unit": "MB", "bar": 200,
           "better": "lower", "note": f"resident, with {CONNECTIONS:,} idle connections"}
    ratio = load.median(b / a for a, b in zip(calm, beside))
    yield {"name": "idle-connections-p99", "value": ratio, "unit": "x", "bar": 1.1,
           "better": "lower",
           "note": f"{load.median(beside):.2f} ms beside them, {load.median(calm):.2f} without"}
