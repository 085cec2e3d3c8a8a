"""`bulkhead serve` with one tenant, one key and one deployed model, in a folder of its own."""

import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time

PATIENCE_S = 120


def until(what, condition):
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise SystemExit("not in time: " + what)


def descendants(pid):
    """(process, name) of everything that `pid` started, directly or not."""
    parents = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            before, after = stat.read_text().rsplit(")", 1)
        except OSError:
            continue  # it ended meanwhile
        parents[int(stat.parent.name)] = (int(after.split()[1]), before.split("(", 1)[1])
    found, grown = {pid}, True
    while grown:
        more = {child for child, (parent, _) in parents.items() if parent in found}
        grown = not more <= found
        found |= more
    return [(child, parents[child][1]) for child in found - {pid}]


class Stack:
    def __init__(self, programs, model, folder_parent, worker=None):
        self.programs = programs
        self.folder = tempfile.TemporaryDirectory(dir=folder_parent)
        self.home = pathlib.Path(self.folder.name)
        self.environment = {**os.environ, "BULKHEAD_HOME": str(self.home)}
        if worker:
            self.environment["BULKHEAD_WORKER"] = str(worker)
        log = self.home / "log"
        with log.open("wb") as stream:
            self.process = subprocess.Popen(
                [programs / "bulkhead", "serve", "--http", "127.0.0.1:0", "--grpc", "off",
                 "--metrics", "127.0.0.1:0"], env=self.environment, stderr=stream)
        try:
            self.port = int(until("serving", lambda: self.said(log, r"serving: http (\d+)"))[1])
            until("the node", lambda: self.said(log, "the node is connected"))
            self.provide(model)
        except BaseException:
            self.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def said(self, log, pattern):
        if self.process.poll() is not None:
            raise SystemExit("bulkhead serve ended:\n" + log.read_text())
        return re.search(pattern, log.read_text())

    def command(self, *words):
        done = subprocess.run([self.programs / "bulkhead", *words, "--json"], check=False,
                              env=self.environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"bulkhead {' '.join(words)}: {done.stderr}")
        return json.loads(done.stdout)

    def provide(self, model):
        self.command("tenant", "create", "plant")
        self.key = self.command("key", "create", "--tenant", "plant")["key"]
        self.command("model", "push", "line-3", str(model), "--tenant", "plant")
        self.command("deploy", "line-3", "--tenant", "plant", "--profile", "cpu:1c2g")
        started = descendants(self.process.pid)
        self.gateway = next(pid for pid, name in started if name.startswith("bulkhead-gat"))
        self.worker = next(pid for pid, name in started
                           if name.startswith(("bulkhead-wor", "echo-worker")))

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/v1/models/line-3/detect"

    def worker_core(self):
        status = pathlib.Path(f"/proc/{self.worker}/status").read_text()
        return int(re.search(r"Cpus_allowed_list:\s+(\d+)", status)[1])

    def detect(self, body):
        """The answer's body. Raises unless it is a success."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        connection.request("POST", "/v1/models/line-3/detect", body, {"X-API-Key": self.key})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if answer.status != 200:
            raise SystemExit(f"{answer.status}: {content}")
        return content

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        self.folder.cleanup()
