# SPDX-License-Identifier: Apache-2.0
"""The lines of docs/clients.md that people copy, run as they stand there."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from documents import blocks, commands, here
from served import PATIENCE_S, SAMPLES, served

PAGE = "clients.md"


class Documents(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        shutil.copy(SAMPLES[0], self.folder / "part.jpg")
        self.environment = {**os.environ, "KEY": served().keys["plant"]}

    def run_here(self, words, **named):
        return subprocess.run(words, cwd=self.folder, env=self.environment, text=True,
                              capture_output=True, timeout=PATIENCE_S, check=False, **named)

    def shell(self, line):
        done = self.run_here(["bash", "-c", here(line)])
        self.assertEqual(done.returncode, 0, line + "\n" + done.stdout + done.stderr)
        return done.stdout

    def test_the_lines_for_curl_do_what_is_said_under_them(self):
        lines = [pair for block in blocks(PAGE, "sh") for pair in commands(block)
                 if pair[0].startswith("curl ")]
        self.assertGreaterEqual(len(lines), 7)
        for line, expected in lines:
            with self.subTest(line):
                said = self.shell(line)
                if expected:
                    self.assertEqual(said.strip(), expected)
                elif "-o " not in line:
                    self.assertTrue(json.loads(said))
        self.assertEqual((self.folder / "drawn.jpg").read_bytes()[:2], b"\xff\xd8")
        self.assertGreater((self.folder / "tensors.bin").stat().st_size, 24)

    def test_the_programs_for_tritonclient_and_kserve_run(self):
        programs = [block for block in blocks(PAGE, "python") if "ultralytics" not in block]
        self.assertEqual(len(programs), 3)
        for program in programs:
            with self.subTest(program.splitlines()[3]):
                done = self.run_here([sys.executable, "-c", here(program)])
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                self.assertTrue(done.stdout.strip())

    def test_the_lines_for_perf_analyzer_run(self):
        lines = [line for block in blocks(PAGE, "sh") for line, _ in commands(block)
                 if line.startswith("perf_analyzer ")]
        self.assertEqual(len(lines), 2)
        program = pathlib.Path(os.environ["PERF_ANALYZER"])
        library = program.parents[1] / "lib/python3.11/site-packages/nvidia/cuda_runtime/lib"
        self.environment.update(PATH=f"{program.parent}:{os.environ['PATH']}",
                                LD_LIBRARY_PATH=str(library))
        for line in lines:
            with self.subTest(line):
                self.assertIn("Throughput: ", self.shell(line))


if __name__ == "__main__":
    unittest.main(verbosity=2)
