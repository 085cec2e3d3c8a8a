"""The programs of one machine, each of which can be killed and started again by itself."""

import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess

from served import Place, command, until

ECHO_WORKER = os.environ.get("BULKHEAD_ECHO_WORKER", "")
KILL_POINT_SHIM = os.environ.get("BULKHEAD_KILL_POINT_SHIM", "")
UNSYNCED_SHIM = os.environ.get("BULKHEAD_UNSYNCED_SHIM", "")
FORGET_UNSYNCED = os.environ.get("BULKHEAD_FORGET_UNSYNCED", "")


class Stage:
    """A node and a gateway on one state folder. With `loses_unsynced`, what the gateway did not
    sync is lost when `lose_power` is called."""

    def __init__(self, folder, loses_unsynced=False):
        self.folder = pathlib.Path(folder) / "home"
        self.folder.mkdir()
        self.logs = pathlib.Path(folder)
        self.book = pathlib.Path(folder) / "book"
        self.environment = {**os.environ, "BULKHEAD_HOME": str(self.folder),
                            "BULKHEAD_WORKER": ECHO_WORKER}
        self.loses_unsynced = loses_unsynced
        self.preloads = []  # of the gateway
        self.node = self.gateway = None
        self.http = self.grpc = 0

    def start_node(self, kill_point=None):
        self.node = self._start("node", ["--socket", str(self.folder / "node.sock")], kill_point)

    def start_gateway(self, kill_point=None):
        """Returns at once; `serving` says when it serves."""
        self.http = self.grpc = 0
        (self.folder / "gateway").mkdir(exist_ok=True)
        if self.loses_unsynced and not self.book.exists():
            subprocess.run([FORGET_UNSYNCED, self.folder / "gateway", self.book], check=True)
        self.gateway = self._start(
            "gateway", ["--node", str(self.folder / "node.sock"), "--http", "127.0.0.1:0",
                        "--grpc", "127.0.0.1:0", "--metrics", "127.0.0.1:0"], kill_point)

    def _start(self, name, options, kill_point):
        environment = dict(self.environment)
        preloads = []
        if kill_point:
            preloads.append(KILL_POINT_SHIM)
            environment["BULKHEAD_KILL_POINT"] = kill_point
        if name == "gateway":
            preloads += self.preloads
        if name == "gateway" and self.loses_unsynced:
            preloads.append(UNSYNCED_SHIM)
            environment["BULKHEAD_UNSYNCED_FOLDER"] = str(self.folder / "gateway")
            environment["BULKHEAD_UNSYNCED_BOOK"] = str(self.book)
        environment["LD_PRELOAD"] = ":".join(preloads)
        with (self.logs / f"{name}.log").open("wb") as log:
            return subprocess.Popen(
                [Place.bin / f"bulkhead-{name}", "--state-dir", self.folder / name, *options],
                env=environment, stderr=log)

    def log(self, name):
        return (self.logs / f"{name}.log").read_text(errors="replace")

    def port(self):
        """Of HTTP; 1, which nobody listens on, until `serving` found it. For any thread."""
        return self.http or 1

    def grpc_port(self):
        return self.grpc or 1

    def serving(self):
        """Whether the gateway serves. For the thread that starts it: its log begins anew then."""
        if not self.http:
            said = re.search(r"serving: http (\d+), grpc (\d+)", self.log("gateway"))
            self.http, self.grpc = map(int, said.groups()) if said else (0, 0)
        return self.http != 0

    def workers(self):
        """Process ids of the workers that run now."""
        found = subprocess.run(["pgrep", "-P", str(self.node.pid), "-f", ECHO_WORKER],
                               capture_output=True, text=True, check=False)
        return [int(word) for word in found.stdout.split()]

    def kill(self, *names):
        """With kill -9, those that run; returns when they are gone."""
        processes = [getattr(self, name) for name in names]
        for process in processes:
            if process is not None and process.poll() is None:
                process.kill()
        for process in processes:
            if process is not None:
                process.wait()

    def lose_power(self, seed):
        self.kill("gateway", "node")
        subprocess.run([FORGET_UNSYNCED, self.folder / "gateway", self.book, str(seed)], check=True)

    def stop(self):
        """As an operator ends them, so that nothing is left on the machine. Their exit statuses; -9
        of one that was killed before."""
        statuses = []
        for process in (self.gateway, self.node):
            if process is not None:
                process.send_signal(signal.SIGTERM)
                statuses.append(process.wait(60))
        return statuses

    def command(self, *words):
        return command(self.environment, *words)

    def records_of(self, receipts):
        """Ids on the ledger, as ledger_file.py writes them, of receipts as clients got them."""
        done = subprocess.run([Place.bin / "bulkhead", "ledger", "find", "--json", "-"],
                              env=self.environment, input="\n".join(receipts),
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return {record["receipt"]: "{}-{epoch}-{sequence}".format(
            record["receipt"].split("-")[0], **record)
            for record in json.loads(done.stdout)["records"]}

    def admin(self, method, target, body=None):
        """One request to the admin API; None when nobody knows whether it was done."""
        connection = http.client.HTTPConnection("admin")
        connection.sock = socket.socket(socket.AF_UNIX)
        try:
            connection.sock.connect(str(self.folder / "gateway/admin.sock"))
            connection.request(method, target, body)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def wait_until_serving(self):
        until("serving", self.serving)
        # A node that lives seals what is pushed.
        until("the node's socket", lambda: self.node is None or self.node.poll() is not None
              or (self.folder / "node.sock").exists())
