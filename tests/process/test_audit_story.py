# SPDX-License-Identifier: Apache-2.0
"""What is on the audit logs of a gateway and a node that serve: stories with real programs.

    python3 tests/process/test_audit_story.py BIN-FOLDER
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import unittest

import served as serving
from served import Served, until


def events_of(log):
    """The records of a log, as they are."""
    return [json.loads(line) for path in sorted((log / "records").glob("*.jsonl"))
            for line in path.read_text().splitlines()]


def kinds(events, *names):
    return [event for event in events if event["event"] in names]


def words(event):
    return (event["event"], event["objectRef"].get("namespace"), event["objectRef"].get("name"),
            event["stage"], event.get("responseStatus", {}).get("code"))


class Story(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="bulkhead-audit-")
        self.addCleanup(self.temporary.cleanup)
        self.folder = pathlib.Path(self.temporary.name)
        self.served = Served(self.folder, self.options())
        self.addCleanup(self.served.stop)
        self.gateway = self.folder / "gateway/audit"
        self.node = self.folder / "node/audit"

    @staticmethod
    def options():
        return ["--audit-checkpoint", "1"]

    def audit(self, *arguments, status=0):
        done = subprocess.run([serving.Place.bin / "bulkhead", "audit", *arguments],
                              env=self.served.environment, capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout

    def refused(self, *command):
        with self.assertRaises(AssertionError) as refusal:
            self.served.command(*command)
        return str(refusal.exception)

    def wait_for(self, log, name):
        return until(name + " on record", lambda: kinds(events_of(log), name))


class WholeLife(Story):
    """One story, looked at from all sides."""

    def options(self):
        (self.folder / "copy").mkdir()
        return [*super().options(), "--audit-copy", str(self.folder / "copy")]

    def live(self):
        """Everything an operator and two tenants do; returns each secret that was ever shown."""
        run = self.served.command
        for tenant in ("plant", "city"):
            run("tenant", "create", tenant)
        plant, city = self.served.new_key("plant"), self.served.new_key("city")
        run("model", "push", "line-3", str(serving.MODEL), "--tenant", "plant")
        run("deploy", "line-3", "--tenant", "plant", "--profile", "cpu:1c1g")
        self.assertEqual(self.served.detect("line-3", plant)[0], 200)
        for _ in range(20):
            self.assertEqual(self.served.detect("line-3", city)[0], 404)
        self.assertEqual(self.served.detect("line-4", city)[0], 404)
        run("key", "revoke", city.split("_")[2])
        self.assertEqual(self.served.detect("line-3", city)[0], 401)
        self.assertEqual(self.served.detect("line-3", "bh_live_nonsense")[0], 401)
        run("tenant", "suspend", "plant")
        self.assertEqual(self.served.detect("line-3", plant)[0], 403)
        run("undeploy", "line-3", "--tenant", "plant")
        run("tenant", "delete", "city")
        self.wait_for(self.gateway, "access-deny")
        until("three refused keys on record",
              lambda: len(kinds(events_of(self.gateway), "auth-refuse")) == 3)
        self.wait_for(self.node, "worker-exit")
        return [plant, city]

    def test_all_of_it_is_on_record_once_and_no_secret_is(self):
        secrets = self.live()
        self.check_actions()
        self.check_denials(secrets)
        self.check_node()
        self.check_proofs()
        self.check_bytes(secrets)
        self.assertEqual(self.served.stop(), 0)
        for log, copy in ((self.gateway, "gateway"), (self.node, "node")):
            self.assertEqual(events_of(log)[-1]["event"], "log-stop")
            self.audit("verify", "--log", str(log), "--checkpoints",
                       str(self.folder / "copy" / copy))
            self.assertEqual((log.stat().st_mode & 0o777,
                              (log.parent / "audit-key").stat().st_mode & 0o777), (0o700, 0o600))

    def check_actions(self):
        events = events_of(self.gateway)
        done = [event for event in events if event.get("user", {}).get("uid") ==
                f"unix:{os.getuid()}"]
        by_id = {}
        for event in done:
            by_id.setdefault(event["auditID"], []).append(event)
        for pair in by_id.values():
            self.assertEqual([event["stage"] for event in pair],
                             ["RequestReceived", "ResponseComplete"], pair)
            self.assertRegex(pair[0]["annotations"]["process"], r"^pid \d+$")
            self.assertLess(pair[1]["responseStatus"]["code"], 300)
        told = [words(event)[:3] for event in done if event["stage"] == "ResponseComplete"]
        key = kinds(done, "key-revoke")[0]["objectRef"]["name"]
        keys = [name for kind, _, name in told if kind == "key-create"]
        self.assertIn(key, keys)
        self.assertEqual([one for one in told if one[0] != "key-create"], [
            ("tenant-create", "plant", "plant"), ("tenant-create", "city", "city"),
            ("model-upload", "plant", "line-3"), ("model-deploy", "plant", "line-3"),
            ("key-revoke", "city", key), ("tenant-suspend", "plant", "plant"),
            ("model-undeploy", "plant", "line-3"), ("tenant-delete", "city", "city")])
        upload = kinds(done, "model-upload")[1]["annotations"]
        self.assertEqual(upload["model-version"], "1")
        self.assertRegex(upload["model-digest"], "^[0-9a-f]{64}$")

    def check_denials(self, secrets):
        events = events_of(self.gateway)
        city = secrets[1].split("_")[2]
        denied = {event["objectRef"]["name"]: event for event in kinds(events, "access-deny")}
        self.assertEqual(sorted(denied), ["line-3", "line-4"])
        self.assertEqual(len(kinds(events, "access-deny")), 2, "20 requests are one record")
        for model, whose in (("line-3", "it is another tenant's"), ("line-4", "it is nobody's")):
            event = denied[model]
            self.assertEqual(event["annotations"]["decision"], whose)
            self.assertEqual(event["objectRef"]["namespace"], "city")
            self.assertEqual(event["user"]["uid"], city)
            self.assertEqual(event["sourceIPs"], ["127.0.0.1"])
        reasons = {event["responseStatus"]["reason"]: event.get("user", {}).get("uid")
                   for event in kinds(events, "auth-refuse")}
        self.assertEqual(reasons, {"unknown": city, "not a key": None,
                                   "suspended": secrets[0].split("_")[2]})

    def check_node(self):
        events = events_of(self.node)
        self.assertEqual(len(kinds(events, "node-start")), 1)
        starts = kinds(events, "worker-start")
        self.assertEqual([event["stage"] for event in starts],
                         ["RequestReceived", "ResponseComplete"])
        about = starts[1]["annotations"]
        self.assertEqual(about["isolation-tier"], "cpu")
        self.assertTrue(about["isolation-layers"])
        self.assertEqual(about["profile"], "cpu:1c1g")
        self.assertEqual(len(kinds(events, "worker-exit")), 1)
        until("the partition is cleared",
              lambda: len(kinds(events_of(self.node), "partition-scrub")) == 2)

    def check_proofs(self):
        for log in (self.gateway, self.node):
            key = (log / "verifier-key").read_text().strip()
            self.assertIn(key, self.served.log.read_text())
            record = kinds(events_of(log), "tenant-create", "worker-start")[0]["sequence"]
            proof = self.folder / "proof"
            until("a checkpoint that covers it", lambda log=log, record=record: int(
                (log / "checkpoint").read_text().split("\n")[1]) > record)
            self.audit("prove", str(record), "--log", str(log), "--out", str(proof))
            told = json.loads(self.audit("prove", "--check", str(proof), "--key", key, "--json"))
            self.assertEqual(told["record"], record)
        self.assertTrue(json.loads(self.audit("verify", "--json"))["sound"])
        self.assertTrue(json.loads(self.audit("verify", "--node", "--json"))["sound"])
        self.assertIn("worker-start", self.audit("tail", "--node", "-n", "50"))

    def check_bytes(self, secrets):
        hidden = [secret for key in secrets for secret in (key.encode(),
                                                           key.split("_")[3].encode())]
        hidden += [(self.folder / "gateway/pepper").read_bytes(),
                   (self.gateway.parent / "audit-key").read_bytes(),
                   (self.node.parent / "audit-key").read_bytes(), serving.PICTURE[:64]]
        for log in (self.gateway, self.node):
            for path in log.rglob("*"):
                content = path.read_bytes() if path.is_file() else b""
                for secret in hidden:
                    self.assertNotIn(secret, content, path)


class Trouble(Story):
    def child(self, program):
        return int(subprocess.run(["pgrep", "-P", str(self.served.process.pid), "-f", program],
                                  capture_output=True, text=True, check=True).stdout)

    def test_what_is_killed_between_record_and_outcome_is_ended_by_the_next_gateway(self):
        self.served.command("tenant", "create", "plant")
        self.served.command("model", "push", "line-3", str(serving.MODEL), "--tenant", "plant")
        node, gateway = self.child("bulkhead-node"), self.child("bulkhead-gateway")
        os.kill(node, signal.SIGSTOP)  # so that the deployment does not end
        deploy = subprocess.Popen(
            [serving.Place.bin / "bulkhead", "deploy", "line-3", "--tenant", "plant", "--profile",
             "cpu:1c1g"], env=self.served.environment, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        self.wait_for(self.gateway, "model-deploy")
        os.kill(gateway, signal.SIGKILL)
        os.kill(node, signal.SIGCONT)
        self.assertNotEqual(deploy.wait(serving.PATIENCE_S), 0)
        self.served.process.wait(serving.PATIENCE_S)
        self.audit("verify")
        self.served.start()
        ended = kinds(events_of(self.gateway), "model-deploy")
        self.assertEqual([event["stage"] for event in ended], ["RequestReceived", "Panic"])
        self.assertEqual(ended[0]["auditID"], ended[1]["auditID"])
        self.assertTrue(self.served.said("the last gateway ended within model-deploy plant line-3"))
        self.audit("verify")

    def test_where_nothing_can_be_recorded_nothing_is_changed(self):
        self.served.command("tenant", "create", "plant")
        gateway = self.child("bulkhead-gateway")
        usual = re.search(r"Max file size\s+(\S+)",
                          pathlib.Path(f"/proc/{gateway}/limits").read_text()).group(1)
        subprocess.run(["prlimit", f"--fsize=0:{usual}", f"--pid={gateway}"], check=True)
        for command in (("tenant", "create", "city"), ("tenant", "suspend", "plant"),
                        ("tenant", "delete", "plant"), ("key", "create", "--tenant", "plant"),
                        ("model", "push", "m", str(serving.MODEL), "--tenant", "plant")):
            self.assertIn("cannot be recorded in the audit log", self.refused(*command))
        self.assertEqual(self.served.ask("GET", "/v2/health/ready")[0], 200)
        subprocess.run(["prlimit", f"--fsize={usual}:{usual}", f"--pid={gateway}"], check=True)
        tenants = self.served.command("tenant", "list")["tenants"]
        self.assertEqual([(tenant["name"], tenant["suspended"]) for tenant in tenants],
                         [("plant", False)])
        self.assertEqual(list(self.folder.glob("gateway/models/*/*")), [])
        self.served.command("tenant", "create", "city")
        self.audit("verify")


if __name__ == "__main__":
    serving.run()
