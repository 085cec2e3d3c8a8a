# SPDX-License-Identifier: Apache-2.0
"""Triton's perf_analyzer, unmodified, against a whole gateway.

The program of the last tritonclient wheel that has one for Debian 12; it needs libb64 and CUDA's
runtime library, though no GPU.
"""

import base64
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from served import PATIENCE_S, SAMPLES, served

PROGRAM = pathlib.Path(os.environ["PERF_ANALYZER"])
LIBRARIES = PROGRAM.parents[1] / "lib/python3.11/site-packages/nvidia/cuda_runtime/lib"
FRAMES = 8


class PerfAnalyzer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.served = served()

    def measure(self, tenant, model, transport, *options):
        """Runs it for some frames; what it printed of client and server."""
        address = {"http": self.served.http, "grpc": self.served.grpc}[transport]
        done = subprocess.run(
            [PROGRAM, "-m", model, "-i", transport, "-u", address, "--request-count", str(FRAMES),
             "-H", f"x-api-key: {self.served.keys[tenant]}", *options],
            env={**os.environ, "LD_LIBRARY_PATH": str(LIBRARIES)}, timeout=PATIENCE_S,
            capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_the_graph_is_measured_with_the_servers_own_times(self):
        for transport in ("http", "grpc"):
            with self.subTest(transport):
                said = self.measure("city", "batches", transport, "--shape", "images:2,3,64,64")
                self.assertIn(f"Request count: {FRAMES}", said)
                self.assertIn(f"Inference count: {2 * FRAMES}", said)
                self.assertRegex(said, r"queue \d+ usec \+ compute input \d+ usec \+ compute infer")

    def test_a_stream_is_measured(self):
        said = self.measure("plant", "line-3", "grpc", "--async", "--streaming",
                            "--concurrency-range", "2")
        self.assertIn(f"Inference count: {FRAMES}", said)

    def test_pictures_are_sent_to_detect(self):
        picture = SAMPLES[0].read_bytes()
        element = len(picture).to_bytes(4, "little") + picture
        given = {"data": [{"image": {"b64": base64.b64encode(element).decode()}}]}
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(given, file)
            file.flush()
            for transport in ("http", "grpc"):
                with self.subTest(transport):
                    said = self.measure("plant", "line-3.detect", transport,
                                        "--input-data", file.name)
                    self.assertIn(f"Inference count: {FRAMES}", said)


if __name__ == "__main__":
    unittest.main(verbosity=2)
