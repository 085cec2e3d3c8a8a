#!/usr/bin/env python3
"""The image twice, as two people would build it: the same bytes.

    python3 tests/image/test_reproducible.py FOLDER-OF-PROGRAMS

Other mask, zone, locale, home, folder and hash seed. What compilers do is `make image-reproduce`.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILES = ("bulkhead.oci.tar", "digest", "sbom.cdx.json", "sbom.spdx.json")


def built(programs, folder, mask, **environment):
    subprocess.run(["python3", "-B", str(ROOT / "tools/image/build.py"), "--programs",
                    str(programs), "--out", folder], check=True, cwd=folder, umask=mask,
                   capture_output=True, env={"PATH": os.environ["PATH"], **environment})
    return {name: pathlib.Path(folder, name).read_bytes() for name in FILES}


class Reproducible(unittest.TestCase):
    programs = None

    def test_nothing_of_who_builds_it_is_in_it(self):
        with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
            first = built(self.programs, one, 0o022, TZ="UTC", LC_ALL="C.UTF-8", HOME=one,
                          PYTHONHASHSEED="1")
            second = built(self.programs, two, 0o077, TZ="Asia/Tokyo", LC_ALL="C", HOME="/",
                           PYTHONHASHSEED="2")
            for name in FILES:
                self.assertTrue(first[name] == second[name], name)

    def test_another_commits_time_gives_other_bytes(self):
        with tempfile.TemporaryDirectory() as one:
            first = built(self.programs, one, 0o022, HOME=one)
            second = built(self.programs, one, 0o022, HOME=one, SOURCE_DATE_EPOCH="1")
            self.assertNotEqual(first["digest"], second["digest"])


if __name__ == "__main__":
    Reproducible.programs = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
