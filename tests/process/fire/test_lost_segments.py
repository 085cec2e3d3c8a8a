"""A ledger whose newest segments were taken away as a whole: its files are sound, the store knows.

    python3 tests/process/fire/test_lost_segments.py BIN-FOLDER
"""

import pathlib
import shutil
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

# pylint: disable=wrong-import-position
import served  # noqa: E402
from stage import Stage  # noqa: E402


class LostSegments(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bulkhead-lost-"))
        self.stage = Stage(self.folder)
        self.stage.start_node()
        self.start()
        model = self.folder / "model"
        model.write_text("the worker does not look at it")
        self.stage.command("tenant", "create", "plant")
        self.stage.command("model", "push", "line-3", str(model), "--tenant", "plant")
        self.stage.command("deploy", "line-3", "--tenant", "plant")
        self.key = self.stage.command("key", "create", "--tenant", "plant")["key"]

    def tearDown(self):
        self.stage.stop()
        shutil.rmtree(self.folder)

    def start(self):
        self.stage.start_gateway()
        self.stage.wait_until_serving()

    def detect(self):
        served.until("a result", lambda: served.ask(
            self.stage.port(), "POST", "/v1/models/line-3/detect", self.key, b"x")[0] == 200)

    def test_a_gateway_does_not_serve_on_and_says_what_is_missing(self):
        self.detect()
        self.stage.kill("gateway")
        self.start()
        self.detect()
        self.stage.command("usage")
        self.stage.kill("gateway")
        newest = self.stage.folder / "gateway/ledger/0000000002.segment"
        kept = newest.read_bytes()
        newest.unlink()
        self.assertTrue(self.stage.command("ledger", "verify")["sound"])
        self.stage.start_gateway()
        self.assertEqual(self.stage.gateway.wait(served.PATIENCE_S), 1)
        self.assertRegex(self.stage.log("gateway"), "ends after 1 records, and 2 were counted")
        # Starting made a segment of that number; the one that was lost takes its place again.
        newest.write_bytes(kept)
        self.start()
        self.detect()


if __name__ == "__main__":
    served.run()
