#!/usr/bin/env python3
"""Our order of versions against dpkg's own."""

import itertools
import shutil
import subprocess
import unittest

from debian_version import compare

VERSIONS = ["1.0", "1.0-1", "1.0-1+b1", "1.0~rc1-1", "1.0~~", "1.0~", "1.0a", "1.0+b", "1.0.1",
            "1:0.1", "0:1.0", "2.36-9+deb12u14", "2.36-9+deb12u9", "3.0.22-1~deb12u2", "3.0.22-1",
            "1:1.2.13.dfsg-1", "20250419~deb12u2", "20250419", "9.1.0+ds1-2", "10.1.0", "1.0-0",
            "1.007", "1.7", "1.0-1.1", "1.2-3-4"]


class Versions(unittest.TestCase):
    def test_order_is_that_of_the_manual(self):
        ordered = ["1.0~~", "1.0~", "1.0", "1.0-1", "1.0-1+b1", "1.0-1.1", "1.0a", "1.0+b", "1.0.1",
                   "1.7", "9.1.0+ds1-2", "10.1.0", "20250419~deb12u2", "20250419", "1:0.1"]
        for left, right in itertools.combinations(ordered, 2):
            self.assertLess(compare(left, right), 0, f"{left} {right}")
            self.assertGreater(compare(right, left), 0, f"{left} {right}")

    def test_what_is_no_version_is_refused(self):
        for text in ("", "-1", "x:1"):
            with self.assertRaises(ValueError, msg=text):
                compare(text, "1")

    @unittest.skipUnless(shutil.which("dpkg"), "dpkg is missing, whose order this is held against")
    def test_every_pair_is_as_dpkg_has_it(self):
        for left, right in itertools.combinations(VERSIONS, 2):
            relation = "lt" if compare(left, right) < 0 else "gt" if compare(left, right) else "eq"
            done = subprocess.run(["dpkg", "--compare-versions", left, relation, right],
                                  capture_output=True, check=False)
            self.assertEqual(done.returncode, 0, f"{left} {relation} {right}")


if __name__ == "__main__":
    unittest.main()
