#!/usr/bin/env python3
"""The attack suite from inside a worker, in a container of the image and under its flags.

    python3 tests/image/test_attacks.py IMAGE-ARCHIVE BUILD-FOLDER

Program and attacker come from a release build with BULKHEAD_PROCESS_TESTS; everything else, the
libraries as well, is the image's own. Layers that a container does not give are left out as the
image's policy says; every attack must come to nothing all the same.
"""

import pathlib
import re
import sys
import unittest

import containers


class Attacks(unittest.TestCase):
    build = None

    def attacked(self, *flags):
        """What the suite printed."""
        program = self.build / "tests" / "sandbox_cases" / "sandbox_cases_test"
        done = containers.run_once(
            "--entrypoint", str(program), containers.NAME, "--gtest_filter=Cases.*:LyingWorker.*",
            flags=[f"--volume={self.build}:{self.build}:ro", *flags])
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        passed = int(re.search(r"\[  PASSED  \] (\d+) tests", done.stdout)[1])
        self.assertGreater(passed, 25, done.stdout)
        return done.stdout

    def test_nothing_comes_of_any_attack(self):
        self.attacked()

    def test_nor_under_the_filter_that_comes_along_where_a_worker_has_a_host_name_of_its_own(self):
        profile = containers.ROOT / "deploy" / "image" / "seccomp.json"
        said = self.attacked(f"--security-opt=seccomp={profile}")
        self.assertNotIn("not judged without a host name", said)


if __name__ == "__main__":
    Attacks.build = pathlib.Path(sys.argv.pop(2)).resolve()
    containers.load(sys.argv.pop(1))
    unittest.main(verbosity=2)
