#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the throw-away virtual environment, tests the comparer, runs suite.py.

Standard library only.
"""

import hashlib
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
VENV = HERE.parents[1] / "build/conformance/venv"
YOLOV5 = "yolov5==7.0.14"


def environment_python():
    """The interpreter of a virtual environment that holds exactly requirements.txt."""
    wanted = (HERE / "requirements.txt").read_text() + YOLOV5
    digest = hashlib.sha256(wanted.encode()).hexdigest()
    python, stamp = VENV / "bin/python", VENV / "requirements.sha256"
    if stamp.exists() and stamp.read_text() == digest:
        return python
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-r", str(HERE / "requirements.txt")], check=True)
    subprocess.run([*pip, "--no-deps", YOLOV5], check=True)
    stamp.write_text(digest)
    return python


def main(arguments):
    """--python FILE, or BULKHEAD_CONFORMANCE_PYTHON, replaces the virtual environment."""
    python = os.environ.get("BULKHEAD_CONFORMANCE_PYTHON")
    if "--python" in arguments:
        at = arguments.index("--python")
        if at + 1 == len(arguments):
            sys.exit("--python needs a path")
        python = arguments[at + 1]
        arguments = arguments[:at] + arguments[at + 2:]
    python = python or environment_python()
    subprocess.run([python, "-m", "unittest", "--quiet", "test_compare"], cwd=HERE, check=True)
    os.execv(python, [str(python), str(HERE / "suite.py"), *arguments])


if __name__ == "__main__":
    main(sys.argv[1:])
