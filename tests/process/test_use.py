# SPDX-License-Identifier: Apache-2.0
"""What deployments use, from real requests and a dcgm-exporter to `bulkhead gpu plan --from-usage`.

    python3 tests/process/test_use.py BIN-FOLDER
"""

import http.server
import pathlib
import subprocess
import tempfile
import threading
import unittest

import served as serving
from served import MODEL, Served, until

METRICS_FILE = pathlib.Path(__file__).resolve().parents[1] / "data/dcgm/a100_two_slices.txt"


class Exporter:
    """Serves what dcgm-exporter would, or hangs up without an answer."""

    def __init__(self):
        exporter = self
        self.answers = True
        self.asked = 0

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                exporter.asked += 1
                if not exporter.answers:
                    self.close_connection = True
                    return
                self.send_response(200)
                self.end_headers()
                self.wfile.write(METRICS_FILE.read_bytes())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/metrics"


class Use(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = tempfile.TemporaryDirectory()
        cls.exporter = Exporter()
        cls.silent = Exporter()
        cls.silent.answers = False
        cls.served = Served(cls.home.name, ["--dcgm", cls.exporter.url, "--dcgm", cls.silent.url])
        cls.served.command("tenant", "create", "plant")
        cls.key = cls.served.new_key("plant")
        cls.served.command("model", "push", "line-3", str(MODEL), "--tenant", "plant")
        cls.served.command("deploy", "line-3", "--tenant", "plant")

    @classmethod
    def tearDownClass(cls):
        status = cls.served.stop()
        cls.home.cleanup()
        assert status == 0, status

    def advice(self):
        plan = self.served.command("gpu", "plan", "--from-usage")
        self.assertEqual(len(plan["deployments"]), 1, plan)
        return plan["deployments"][0]

    def run_command(self, *words):
        return subprocess.run([serving.Place.bin / "bulkhead", *words],
                              env=self.served.environment, capture_output=True, text=True,
                              check=False)

    def test_frames_are_told_also_after_a_restart_and_never_twice(self):
        before = self.advice()["evidence"]["frames"]
        for _ in range(3):
            self.assertEqual(self.served.detect("line-3", self.key)[0], 200)
        advice = self.advice()
        self.assertEqual(advice["evidence"]["frames"], before + 3)
        self.assertGreater(advice["evidence"]["p99_ms_worst_hour"], 0)
        self.assertEqual(advice["verdict"], "too little known")
        self.assertIsNone(advice["move_to"])
        self.assertEqual(self.served.stop(), 0)
        self.served.start()
        until("a worker", lambda: self.served.detect("line-3", self.key)[0] == 200)
        frames = self.advice()["evidence"]["frames"]
        self.assertEqual(frames, before + 4)

    def test_an_exporter_that_is_away_is_said_once_and_counted(self):
        def failures():
            page = self.served.ask("GET", "/metrics", port=self.served.metrics)[2].decode()
            name = "bulkhead_use_scrape_failures_total"
            return {line.split('"')[1]: float(line.split()[-1])
                    for line in page.splitlines() if line.startswith(name + "{")}
        good, bad = (one.url.split("/")[2] for one in (self.exporter, self.silent))
        until("a failure", lambda: failures().get(bad, 0) >= 1)
        self.assertEqual(failures()[good], 0)
        lines = self.served.log.read_text().splitlines()
        said = [line for line in lines if "dcgm-exporter" in line]
        self.assertEqual(len(said), 1, said)
        self.assertIn(bad, said[0])

    def test_the_command_says_places_only_where_gpus_are_known(self):
        done = self.run_command("gpu", "plan", "--from-usage", "--sim", "a100", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('"simulated": true', done.stdout)
        text = self.run_command("gpu", "plan", "--from-usage")
        self.assertEqual(text.returncode, 0, text.stderr)
        self.assertIn("plant/line-3  cpu:", text.stdout)

    def test_wrong_command_lines_and_a_gateway_that_is_away_are_one_line(self):
        for words, status in ((["gpu", "plan"], 2),
                              (["gpu", "plan", "--from-usage", "--want", "1g.5gb"], 2),
                              (["gpu", "plan", "--from-usage", "--days", "0"], 2),
                              (["gpu", "plan", "--from-usage", "--admin", "/nowhere.sock"], 1)):
            done = self.run_command(*words)
            self.assertEqual(done.returncode, status, words)
            self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)


if __name__ == "__main__":
    serving.run()
