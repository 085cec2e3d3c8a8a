"""`bulkhead ledger export` while hours pass and programs are killed: every record is given once.

    python3 tests/process/fire/test_export.py BIN-FOLDER

The gateway's clock is moved by a library that is preloaded (clock_shim.cpp).
"""

import collections
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
from stage import KILL_POINT_SHIM, Stage  # noqa: E402

CLOCK_SHIM = os.environ.get("BULKHEAD_CLOCK_SHIM", "")
HOUR_S = 3600
# In the command: before and after each question to the gateway, and around the file that it writes
# in between.
COMMAND_POINTS = ["unix.send.before:1", "unix.send.after:1", "any.sync.before:1",
                  "any.name.before:1", "any.name.after:1", "any.sync.after:2",
                  "unix.send.before:2", "unix.send.after:2"]
# In the gateway: while it marks in the ledger what is begun, and what is done.
GATEWAY_POINTS = ["ledger.write.before:1", "ledger.write.torn:1", "ledger.sync.after:1",
                  "ledger.write.before:2", "ledger.write.torn:2", "ledger.sync.after:2"]


class Export(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bulkhead-export-"))
        self.given = self.folder / "given"
        self.given.mkdir()
        self.clock = self.folder / "clock"
        self.hours = 0
        self.clock.write_text("0")
        self.stage = Stage(self.folder)
        self.stage.preloads = [CLOCK_SHIM]
        self.stage.environment["BULKHEAD_CLOCK_FILE"] = str(self.clock)
        self.stage.start_node()
        self.stage.start_gateway()
        self.stage.wait_until_serving()
        model = self.folder / "model"
        model.write_text("the worker does not look at it")
        self.keys = {}
        for tenant, name in (("plant", "line-3"), ("city", "street")):
            self.stage.command("tenant", "create", tenant)
            self.stage.command("model", "push", name, str(model), "--tenant", tenant)
            self.stage.command("deploy", name, "--tenant", tenant)
            self.keys[tenant] = (self.stage.command("key", "create", "--tenant", tenant)["key"],
                                 name)

    def tearDown(self):
        self.stage.stop()
        shutil.rmtree(self.folder)

    def detect(self, tenant, frames):
        key, model = self.keys[tenant]
        for _ in range(frames):
            served.until("a result", lambda: self.asked(key, model) == 200)

    def asked(self, key, model):
        return served.ask(self.stage.port(), "POST", f"/v1/models/{model}/detect", key, b"x")[0]

    def let_an_hour_pass(self):
        self.hours += 2
        self.clock.write_text(str(self.hours * HOUR_S))

    def export(self, *options):
        return self.stage.command("ledger", "export", "--to", str(self.given), *options)["exports"]

    def export_and_kill(self, point):
        environment = {**self.stage.environment, "LD_PRELOAD": KILL_POINT_SHIM,
                       "BULKHEAD_KILL_POINT": point}
        done = subprocess.run([served.Place.bin / "bulkhead", "ledger", "export", "--to",
                               self.given], env=environment, capture_output=True, check=False)
        self.assertEqual(done.returncode, -9, (point, done.stdout, done.stderr))

    def events(self):
        """All events that were given, by id; one id twice is an error."""
        events = {}
        for path in self.given.glob("*.cloudevents.json"):
            for event in json.loads(path.read_text()):
                self.assertNotIn(event["id"], events)
                events[event["id"]] = event
        return events

    def billed(self):
        """What the events say of each tenant, by id."""
        billed = collections.Counter()
        for event in self.events().values():
            billed[event["subject"]] += event["data"]["billed_frames"]
        return dict(billed)

    def used(self):
        used = collections.Counter()
        for row in self.stage.command("usage")["rows"]:
            sign = {"ok": 1, "undelivered": -1}.get(row["outcome"], 0)
            used[row["tenant_id"]] += sign * row["frames"]
        return dict(used)

    def test_hours_are_given_once_when_they_are_over(self):
        self.detect("plant", 3)
        self.assertEqual(self.export(), [])
        self.let_an_hour_pass()
        self.detect("plant", 2)
        self.detect("city", 5)
        first = self.export()
        self.assertEqual([export["events"] for export in first], [1])
        self.assertEqual(list(self.billed().values()), [3])
        self.assertEqual(self.export(), [])
        self.let_an_hour_pass()
        self.assertEqual([export["events"] for export in self.export()], [2])
        self.assertEqual(self.billed(), self.used())
        self.assertEqual(sorted(self.billed().values()), [5, 5])
        self.assertTrue(self.stage.command("ledger", "verify")["sound"])

    def test_a_command_that_is_killed_anywhere_loses_and_doubles_nothing(self):
        for frames, point in enumerate(COMMAND_POINTS, 1):
            with self.subTest(point):
                self.detect("plant", frames)
                self.detect("city", 1)
                self.let_an_hour_pass()
                self.export_and_kill(point)
                self.export()
                self.assertEqual(self.billed(), self.used())
        self.assertTrue(self.stage.command("ledger", "verify")["sound"])

    def test_a_gateway_that_is_killed_while_it_marks_loses_and_doubles_nothing(self):
        for frames, point in enumerate(GATEWAY_POINTS, 1):
            with self.subTest(point):
                self.detect("plant", frames)
                self.let_an_hour_pass()
                # Nothing is metered from here on: the marks are the first that is written.
                self.stage.kill("gateway")
                call, group = point.split(":")
                self.start_gateway(f"{call}:{self.count_of(call, int(group))}")
                with self.assertRaises(AssertionError):
                    self.export()
                self.stage.gateway.wait(served.PATIENCE_S)
                self.start_gateway()
                self.export()
                self.assertEqual(self.billed(), self.used())
        self.assertTrue(self.stage.command("ledger", "verify")["sound"])

    def start_gateway(self, kill_point=None):
        self.stage.start_gateway(kill_point)
        self.stage.wait_until_serving()

    @staticmethod
    def count_of(call, group):
        """The how-manieth call of its kind a group is, after a gateway that was killed. Opening the
        ledger cuts off what that one reserved, writes a header, and syncs both and the folder; the
        first group is followed by the room that is reserved."""
        if call.startswith("ledger.write"):
            return 1 + group + (group > 1)
        return 3 + group

    def test_each_receiver_gets_its_shape(self):
        self.detect("plant", 3)
        for form, line in (("lago", "transaction_id"), ("stripe", "event_name")):
            self.let_an_hour_pass()
            path, = (export["path"] for export in self.export("--format", form))
            self.assertIn(line, pathlib.Path(path).read_text())
            self.assertTrue(path.endswith(f".{form}.jsonl"), path)
            self.detect("plant", 1)


if __name__ == "__main__":
    served.run()
