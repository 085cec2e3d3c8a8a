"""A gateway whose disk gets full while it serves: what it refuses, and that it comes back.

    python3 tests/process/fire/test_disk_full.py BIN-FOLDER

Needs to mount a tmpfs of its own; where that is not allowed it says so and is skipped.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

# pylint: disable=wrong-import-position
import served  # noqa: E402
from client_book import Client, judge, received_by  # noqa: E402
from ledger_file import read_ledger  # noqa: E402
from stage import Stage  # noqa: E402

DISK_BYTES = 16 << 20


class FullDisk:
    """A small disk as the gateway's state folder, and a file that fills it."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", folder],
                       check=True, capture_output=True)

    def fill(self):
        with (self.folder / "ballast").open("ab", buffering=0) as ballast:
            try:
                while ballast.write(b"x" * 4096):
                    pass
            except OSError:
                pass

    def free(self):
        (self.folder / "ballast").unlink()

    def unmount(self):
        subprocess.run(["umount", "-l", self.folder], check=False)


class DiskFull(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="bulkhead-full-"))
        cls.stage = Stage(cls.folder)
        try:
            cls.disk = FullDisk(cls.stage.folder / "gateway")
        except subprocess.CalledProcessError as failed:
            print("skipped: no tmpfs can be mounted here:", failed.stderr.decode())
            shutil.rmtree(cls.folder)
            os._exit(77)
        cls.stage.start_node()
        cls.stage.start_gateway()
        cls.stage.wait_until_serving()
        (cls.folder / "model").write_text("the worker does not look at it")
        cls.stage.command("tenant", "create", "plant")
        cls.stage.command("model", "push", "line-3", str(cls.folder / "model"), "--tenant", "plant")
        cls.stage.command("deploy", "line-3", "--tenant", "plant")

    @classmethod
    def tearDownClass(cls):
        statuses = cls.stage.stop()
        cls.disk.unmount()
        shutil.rmtree(cls.folder)
        assert statuses == [0, 0], statuses

    def new_client(self, first):
        key = self.stage.command("key", "create", "--tenant", "plant")["key"]
        return Client("plant", key, "line-3", self.stage.port, first)

    def detect(self, key):
        return served.ask(self.stage.port(), "POST", "/v1/models/line-3/detect", key, b"x" * 600)

    def test_requests_are_refused_and_service_comes_back_without_a_restart(self):
        clients = [self.new_client(first) for first in range(3)]
        for client in clients:
            client.start()
        served.until("results", lambda: all(client.received for client in clients))
        for _ in range(3):
            self.disk.fill()
            refused = [len(client.book) for client in clients]
            served.until("refusals", lambda: all(
                [request.status for request in client.book[:-1][-20:]] == [503] * 20
                and len(client.book) > since + 25 for client, since in zip(clients, refused)))
            self.disk.free()
            before = [client.received for client in clients]
            served.until("results again", lambda: all(
                client.received > then for client, then in zip(clients, before)))
        for client in clients:
            client.stopping = True
            client.join()
        self.assertTrue(self.stage.command("ledger", "verify")["sound"])
        records = read_ledger(self.stage.folder / "gateway/ledger")
        keys = {client.key.split("_")[2] for client in clients}
        wrong, counts = judge(clients, [record for record in records if record.key in keys],
                              self.stage.records_of(received_by(clients)))
        self.assertEqual(wrong, [])
        self.assertEqual(counts["lost"], 0)
        rows = self.stage.command("usage", "--tenant", "plant")["rows"]
        self.assertEqual(sum(row["frames"] for row in rows if row["outcome"] == "ok"),
                         sum(record.frames for record in records if record.outcome == "ok"))

    def test_a_refusal_says_why_and_when_to_come_back(self):
        key = self.new_client(0).key
        self.disk.fill()
        served.until("a refusal", lambda: self.detect(key)[0] != 200)
        status, headers, content = self.detect(key)
        tensor = served.ask(self.stage.port(), "POST", "/v2/models/line-3.detect/infer", key,
                            json.dumps({"inputs": [{"name": "image", "datatype": "BYTES",
                                                    "shape": [1], "data": ["x"]}]}))
        ready = served.ask(self.stage.port(), "GET", "/v2/health/ready")
        self.disk.free()
        self.assertEqual((status, headers["Retry-After"]), (503, "1"))
        self.assertIn("cannot be metered", json.loads(content)["detail"])
        self.assertEqual((tensor[0], tensor[1]["Retry-After"]), (503, "1"))
        self.assertIn("cannot be metered", json.loads(tensor[2])["error"])
        self.assertEqual(ready[0], 200)
        self.assertEqual(self.detect(key)[0], 200)

    def test_an_operators_change_is_refused_with_the_reason_and_leaves_nothing(self):
        self.disk.fill()
        (self.folder / "large").write_bytes(b"x" * (1 << 20))
        told = {}
        for words in (("model", "push", "line-3", str(self.folder / "large"), "--tenant", "plant"),
                      ("key", "create", "--tenant", "plant")):
            with self.assertRaises(AssertionError) as refused:
                for _ in range(100):
                    self.stage.command(*words)
            told[words[0]] = str(refused.exception)
        self.disk.free()
        for sentence in told.values():
            self.assertRegex(sentence, "No space left|disk is full")
        self.assertEqual(list(self.stage.folder.glob("gateway/models/uploads/*")), [])
        self.stage.command("key", "create", "--tenant", "plant")


if __name__ == "__main__":
    served.run()
