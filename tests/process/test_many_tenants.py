"""A gateway with 1,000 tenants of 2 keys each, beside one with a single tenant.

    python3 tests/process/test_many_tenants.py BIN-FOLDER

Prints what the thousand cost: memory of the gateway, and the time of a request against that of the
other gateway, in turns. TENANTS (1000) says how many.
"""

import http.client
import json
import os
import pathlib
import socket
import statistics
import tempfile
import time
import unittest

import served as serving
from served import Served, ask

TENANTS = int(os.environ.get("TENANTS", "1000"))
KEYS_EACH = 2
ROUNDS = 60
REQUESTS = 25


class Admin:
    """The admin socket of one gateway, on one connection."""

    def __init__(self, served):
        self.connection = http.client.HTTPConnection("admin")
        self.connection.sock = socket.socket(socket.AF_UNIX)
        self.connection.sock.connect(str(served.folder / "gateway/admin.sock"))

    def post(self, target, document):
        self.connection.request("POST", target, json.dumps(document))
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status != 201:
            raise AssertionError(f"{target}: {answer.status} {content}")
        return json.loads(content)

    def close(self):
        self.connection.close()


def resident_kib(served):
    """Of the gateway, which is a child of `bulkhead serve`."""
    serve = pathlib.Path(f"/proc/{served.process.pid}/task/{served.process.pid}")
    for child in (serve / "children").read_text().split():
        status = pathlib.Path(f"/proc/{child}/status").read_text()
        if "bulkhead-gatewa" in status.split("\n", 1)[0]:
            return int(status.split("VmRSS:")[1].split()[0])
    raise AssertionError("no gateway")


def serve_one(folder):
    """A gateway with one tenant whose model runs; and the tenant's key."""
    served = Served(folder, BULKHEAD_WORKER=os.environ["BULKHEAD_ECHO_WORKER"])
    model = served.folder / "model"
    model.write_text("the worker does not look at it")
    served.command("tenant", "create", "first")
    key = served.new_key("first")
    served.command("model", "push", "line-3", str(model), "--tenant", "first")
    served.command("deploy", "line-3", "--tenant", "first")
    return served, key


class Turn:
    """Requests to one gateway on one connection."""

    def __init__(self, served, key):
        self.connection = http.client.HTTPConnection("127.0.0.1", served.http, timeout=60)
        self.key = key
        self.times = []

    def take(self):
        begun = time.perf_counter_ns()
        for _ in range(REQUESTS):
            self.connection.request("POST", "/v1/models/line-3/detect", b"x",
                                    {"X-API-Key": self.key})
            answer = self.connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
        self.times.append((time.perf_counter_ns() - begun) / REQUESTS / 1000)


class ManyTenants(unittest.TestCase):
    def test_each_of_their_keys_is_accepted(self):
        with tempfile.TemporaryDirectory() as many, tempfile.TemporaryDirectory() as few:
            served, key = serve_one(many)
            other, other_key = serve_one(few)
            before = resident_kib(served)
            keys = self.make(served)
            self.assertEqual(len(set(keys)), TENANTS * KEYS_EACH)
            after = resident_kib(served)
            refused = [one for one in keys
                       if ask(served.http, "GET", "/v2/models", one)[::2] != (200,
                                                                              b'{"models":[]}')]
            self.assertEqual(refused, [])
            turns = Turn(served, key), Turn(other, other_key)
            for number in range(ROUNDS):
                for turn in turns if number % 2 else reversed(turns):
                    turn.take()
            medians = [statistics.median(turn.times) for turn in turns]
            for turn in turns:
                turn.connection.close()
            print(f"{TENANTS} tenants, {len(keys)} keys: gateway {before} KiB, then {after} KiB; "
                  f"a request {medians[0]:.0f} us, with one tenant {medians[1]:.0f} us, "
                  f"ratio {medians[0] / medians[1]:.3f}", flush=True)
            self.assertEqual((served.stop(), other.stop()), (0, 0))

    @staticmethod
    def make(served):
        admin = Admin(served)
        keys = []
        for number in range(TENANTS):
            name = f"tenant-{number}"
            admin.post("/admin/tenants", {"name": name})
            keys += [admin.post(f"/admin/tenants/{name}/keys", {})["key"]
                     for _ in range(KEYS_EACH)]
        admin.close()
        return keys


if __name__ == "__main__":
    serving.run()
