#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the throw-away virtual environments and runs the tests in them. Standard library only.

    tests/clients/run.py [--bulkhead FILE] [TEST]...

TEST is a module of SUITES or what unittest takes: test_kserve.Grpc.
"""

import hashlib
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ENVIRONMENTS = HERE.parents[1] / "build/clients"
# Modules by the requirements that they need; ultralytics brings torch, which is large. Each runs in
# a process and with a server of its own: kserve and tritonclient.grpc define the same messages, so
# that no process can import both.
SUITES = {
    "requirements": ["test_triton_http", "test_triton_grpc", "test_triton_aio", "test_tls",
                     "test_kserve", "test_perf_analyzer", "test_documents", "test_openapi"],
    "ultralytics": ["test_ultralytics"],
}


def environment(name, *options):
    """A virtual environment that holds exactly NAME.txt; the folder of its programs."""
    wanted, folder = HERE / f"{name}.txt", ENVIRONMENTS / name
    digest = hashlib.sha256(wanted.read_bytes()).hexdigest()
    stamp = folder / "requirements.sha256"
    if not stamp.exists() or stamp.read_text() != digest:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run([str(folder / "bin/python"), "-m", "pip", "install", "--quiet",
                        "--disable-pip-version-check", "--require-hashes", "--only-binary=:all:",
                        *options, "-r", str(wanted)], check=True)
        stamp.write_text(digest)
    return folder / "bin"


def main(arguments):
    """Exit status 1: a test failed."""
    variables = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "YOLO_OFFLINE": "1",
                 "YOLO_AUTOINSTALL": "False", "YOLO_CONFIG_DIR": str(ENVIRONMENTS / "settings")}
    if arguments[:1] == ["--bulkhead"]:
        if len(arguments) < 2:
            sys.exit("--bulkhead needs a path")
        variables["BULKHEAD"] = str(pathlib.Path(arguments[1]).resolve())
        arguments = arguments[2:]
    (ENVIRONMENTS / "settings").mkdir(parents=True, exist_ok=True)
    failed = False
    for name, modules in SUITES.items():
        tests = [test for test in arguments if test.split(".")[0] in modules]
        if arguments and not tests:
            continue
        variables["PERF_ANALYZER"] = str(environment("perf_analyzer", "--no-deps") /
                                         "perf_analyzer")
        for test in tests or modules:
            done = subprocess.run([environment(name) / "python", "-m", "unittest", "--verbose",
                                   test], cwd=HERE, env=variables, check=False)
            failed = failed or done.returncode != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
