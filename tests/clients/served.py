# SPDX-License-Identifier: Apache-2.0
"""A real `bulkhead serve` for all tests of a run: two tenants, each with a model and keys."""

import atexit
import contextlib
import functools
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BULKHEAD = pathlib.Path(os.environ.get("BULKHEAD", ROOT / "build/release/bin/bulkhead"))
MODEL = ROOT / "models/line-inspection/line-inspection.onnx"
ANY_BATCH = ROOT / "tests/data/onnx/dynamic_batch.onnx"
SAMPLES = sorted((ROOT / "models/line-inspection/samples").glob("*.jpg"))
PATIENCE_S = 120


class Served:
    """A server with a state folder of its own, and no tenants yet."""

    def __init__(self, folder, *options):
        self.environment = {**os.environ, "BULKHEAD_HOME": folder}
        self.log = pathlib.Path(folder) / "serve.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [BULKHEAD, "serve", "--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0",
                 "--metrics", "127.0.0.1:0", *options], env=self.environment, stderr=log)
        self.wait_for("the node is connected")
        ports = self.wait_for(r"serving: http (\d+), grpc (\d+), metrics (\d+)").groups()
        self.http, self.grpc, self.metrics = (f"127.0.0.1:{port}" for port in ports)
        self.keys = {}

    def furnish(self):
        """plant serves line-3, the project's model; city serves batches, of any batch size."""
        for tenant, model, file in (("plant", "line-3", MODEL), ("city", "batches", ANY_BATCH)):
            self.command("tenant", "create", tenant)
            self.keys[tenant] = self.new_key(tenant)
            self.command("model", "push", model, str(file), "--tenant", tenant)
            self.command("deploy", model, "--tenant", tenant)
        self.keys["manager"] = self.new_key("plant", "--scopes", "infer,read,manage")

    def wait_for(self, pattern):
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            found = re.search(pattern, self.log.read_text())
            if found:
                return found
            time.sleep(0.02)
        raise AssertionError(f"{pattern} was not said:\n{self.log.read_text()}")

    def command(self, *words):
        done = subprocess.run([BULKHEAD, *words, "--json"], env=self.environment,
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{words}: {done.stderr}")
        return json.loads(done.stdout)

    def new_key(self, tenant, *options):
        return self.command("key", "create", "--tenant", tenant, *options)["key"]

    @contextlib.contextmanager
    def only_frames(self, tenant, frames):
        """Within it, a tenant's month has room for so many more frames."""
        rows = self.command("usage", "--tenant", tenant)["rows"]
        used = sum(row["frames"] for row in rows if row["outcome"] == "ok")
        self.command("tenant", "set", tenant, "--frames-per-month", str(used + frames))
        try:
            yield
        finally:
            self.command("tenant", "set", tenant, "--no-limit", "frames_per_month")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)


def started(*options):
    """A server that ends with the interpreter."""
    home = tempfile.TemporaryDirectory()
    one = Served(home.name, *options)

    def end():
        status = one.stop()
        home.cleanup()
        if status != 0:
            print(f"bulkhead serve ended with {status}", file=sys.stderr)
            os._exit(1)

    atexit.register(end)
    return one


@functools.cache
def served():
    """The one of this run."""
    one = started()
    one.furnish()
    return one


@functools.cache
def served_with_tls():
    """One that takes TLS alone and has the tenant plant; its certificate's file."""
    folder = pathlib.Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1", "-subj",
                    "/CN=bulkhead", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key,
                    "-out", certificate], check=True, capture_output=True)
    one = started("--tls-cert", certificate, "--tls-key", key)
    one.command("tenant", "create", "plant")
    return one, str(certificate)


@functools.cache
def detected(picture):
    """What `bulkhead detect` finds in a sample, best first: (class, score, x1, y1, x2, y2)."""
    done = subprocess.run([BULKHEAD, "detect", MODEL, picture, "--json"], check=True,
                          capture_output=True, text=True)
    return [(found["class"], found["score"], *(found["box"][side] for side in
                                               ("x1", "y1", "x2", "y2")))
            for found in json.loads(done.stdout)["images"][0]["detections"]]
