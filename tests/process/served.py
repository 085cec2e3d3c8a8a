"""What tests of real programs share: starting them, asking them, and their commands."""

import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODEL = ROOT / "models/line-inspection/line-inspection.onnx"
PICTURE = (ROOT / "models/line-inspection/samples/part-01.jpg").read_bytes()
PATIENCE_S = 120


class Place:
    """Where the programs are; set by `run`."""
    bin = None


def until(what, condition):
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError("not in time: " + what)


def ask(port, method, target, key=None, body=None, headers=None):
    """One request on a connection of its own: status, headers, body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    connection.request(method, target, body,
                       {**(headers or {}), **({"X-API-Key": key} if key else {})})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, dict(answer.getheaders()), content


def command(environment, *words):
    """What a command of `bulkhead` printed as JSON."""
    done = subprocess.run([Place.bin / "bulkhead", *words, "--json"], env=environment,
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{words}: {done.stderr}")
    return json.loads(done.stdout)


class Served:
    """One `bulkhead serve` with a state folder of its own."""

    def __init__(self, folder, options=(), cwd=None, **environment):
        self.environment = {**os.environ, "BULKHEAD_HOME": str(folder), **environment}
        self.cwd = cwd
        self.folder = pathlib.Path(folder)
        self.log = self.folder / "serve.log"
        self.options = options
        self.start()

    def start(self):
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [Place.bin / "bulkhead", "serve", "--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0",
                 "--metrics", "127.0.0.1:0", *self.options], env=self.environment, cwd=self.cwd,
                stderr=log)
        ports = until("serving",
                      lambda: self.said(r"serving: http (\d+), grpc (\d+), metrics (\d+)"))
        self.http, self.grpc, self.metrics = (int(port) for port in ports.groups())
        until("the node", lambda: self.said("the node is connected"))

    def said(self, pattern):
        if self.process.poll() is not None:
            raise AssertionError(self.log.read_text())
        return re.search(pattern, self.log.read_text())

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)

    def command(self, *words):
        return command(self.environment, *words)

    def new_key(self, tenant, *options):
        return self.command("key", "create", "--tenant", tenant, *options)["key"]

    def ask(self, method, target, key=None, body=None, headers=None, port=None):
        return ask(port or self.http, method, target, key, body, headers)

    def detect(self, model, key):
        return self.ask("POST", f"/v1/models/{model}/detect", key, PICTURE)


def run():
    """The tests of the calling file; its first argument is the folder of the programs."""
    Place.bin = pathlib.Path(sys.argv.pop(1)).resolve()
    doctor = subprocess.run([Place.bin / "bulkhead", "doctor"], capture_output=True, text=True,
                            check=False)
    if doctor.returncode != 0:
        print("skipped: this machine cannot isolate a worker:\n" + doctor.stdout)
        sys.exit(77)
    unittest.main(verbosity=2)
