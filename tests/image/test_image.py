#!/usr/bin/env python3
"""The image under podman: the story of `make run`, what is in it, and what it refuses.

    python3 tests/image/test_image.py IMAGE-ARCHIVE

`make test-image` runs it; it needs podman, root and nsenter.
"""

import json
import pathlib
import posixpath
import sys
import tempfile
import unittest

import containers
from containers import Container, run_once

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "image"))
import check_contents  # noqa: E402
import contents  # noqa: E402

MODEL = contents.MODEL + "/line-inspection.onnx"
PICTURE = (ROOT / "models/line-inspection/samples/part-01.jpg").read_bytes()
ALWAYS = ["user-namespace", "mount-namespace", "pid-namespace", "network-namespace",
          "ipc-namespace", "cgroup-namespace", "private-root", "resource-limits",
          "no-capabilities", "no-new-privileges", "not-dumpable", "landlock", "syscall-filter"]
OPTIONAL = ["own-user", "uts-namespace", "cgroup-memory", "cgroup-pids", "cgroup-cpus"]
# What docs/image.md names for every layer.
EVERY_LAYER = ["--user=0", "--cap-add=SETUID,SETGID,SETFCAP", "--env=BULKHEAD_OPTIONAL_LAYERS=",
               f"--security-opt=seccomp={ROOT / 'deploy/image/seccomp.json'}",
               "--volume=/sys/fs/cgroup:/sys/fs/cgroup:rw"]
# One request; prints [status, document].
ASK = """
import json, sys, urllib.error, urllib.request
url, key = sys.argv[1:3]
data = sys.stdin.buffer.read()
request = urllib.request.Request(url, data or None, {"X-API-Key": key})
try:
    with urllib.request.urlopen(request) as answer:
        print(json.dumps([answer.status, json.loads(answer.read() or b"null")]))
except urllib.error.HTTPError as refusal:
    print(json.dumps([refusal.code, json.loads(refusal.read() or b"null")]))
"""
# A filter like that of a container program that allows no namespaces inside of a container.
NO_NAMESPACES = {
    "defaultAction": "SCMP_ACT_ALLOW",
    "syscalls": [{"names": ["unshare", "setns", "mount"], "action": "SCMP_ACT_ERRNO",
                  "errnoRet": 1},
                 {"names": ["clone"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1,
                  "args": [{"index": 0, "value": 0x10000000, "valueTwo": 0x10000000,
                            "op": "SCMP_CMP_MASKED_EQ"}]},
                 {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}]}


class Serving(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.served = Container(flags=["--health-cmd", "CMD /usr/bin/bulkhead health"])
        cls.addClassCleanup(cls.served.remove)
        cls.served.until("the node is connected")
        cls.served.until("serving: http 8000")

    def ask(self, path, key, data=b""):
        return self.served.beside(ASK, "http://127.0.0.1:8000" + path, key, data=data)

    def test_two_tenants_are_served_and_know_nothing_of_each_other(self):
        command, keys = self.served.command, {}
        for tenant, model in (("plant", "line-3"), ("city", "street")):
            command("tenant", "create", tenant)
            keys[tenant] = command("key", "create", "--tenant", tenant)["key"]
            command("model", "push", model, MODEL, "--tenant", tenant)
            command("deploy", model, "--tenant", tenant, "--profile", "cpu:1c1g")
        for tenant, model in (("plant", "line-3"), ("city", "street")):
            status, found = self.ask(f"/v1/models/{model}/detect", keys[tenant], PICTURE)
            self.assertEqual(status, 200, found)
            self.assertIn("dent", [each["name"] for each in found["detections"]])
        self.assertEqual(self.ask("/v1/models/line-3/detect", keys["city"], PICTURE)[0], 404)
        for worker in command("ps")["workers"]:
            self.assertEqual([layer for layer in ALWAYS if layer not in worker["layers"]], [])
        self.assertEqual(sum(row["frames"] for row in command("usage")["rows"]), 2)
        self.assertTrue(command("ledger", "verify")["sound"])

    def test_it_says_which_layers_workers_get_and_which_are_missing(self):
        reached = self.served.until("layers of isolation that workers get: (.*)")[1].split(", ")
        self.assertEqual([layer for layer in ALWAYS if layer not in reached], [])
        self.assertIn("own-user: only root", self.served.log())
        self.assertNotIn("WEAK", self.served.log())

    def test_its_health_is_what_bulkhead_says(self):
        self.assertEqual(self.served.bulkhead("health").stdout, "ready\n")
        self.assertEqual(containers.podman("healthcheck", "run", self.served.name,
                                           check=False).returncode, 0)
        dead = self.served.bulkhead("health", "--admin", "/nowhere", check=False)
        self.assertEqual(dead.returncode, 1)


class Beginning(unittest.TestCase):
    def serve(self, *words, flags=()):
        served = Container(*words, flags=flags)
        self.addCleanup(served.remove)
        return served

    def refusing_namespaces(self):
        filter_file = tempfile.NamedTemporaryFile("w", suffix=".json")
        self.addCleanup(filter_file.close)
        json.dump(NO_NAMESPACES, filter_file)
        filter_file.flush()
        return [f"--security-opt=seccomp={filter_file.name}"]

    def test_it_ends_with_status_0_when_it_is_told_to(self):
        served = self.serve()
        served.until("serving: http 8000")
        self.assertEqual(served.stop(), 0)

    def test_state_outlives_a_container(self):
        volume = "bulkhead-test-state"
        self.addCleanup(containers.podman, "volume", "rm", "--force", volume, check=False)
        for expected in ([], ["plant"]):
            served = self.serve(flags=["--volume", f"{volume}:{contents.STATE_FOLDER}"])
            served.until("serving: http 8000")
            names = [tenant["name"] for tenant in served.command("tenant", "list")["tenants"]]
            self.assertEqual(names, expected)
            if not expected:
                served.command("tenant", "create", "plant")
            self.assertEqual(served.stop(), 0)

    def test_it_does_not_begin_below_its_policy_and_says_how_to(self):
        done = run_once(containers.NAME, flags=self.refusing_namespaces())
        self.assertEqual(done.returncode, 1, done.stderr)
        for words in ("required layers of isolation do not work here", "user-namespace:",
                      "docs/image.md", "--allow-weak-isolation"):
            self.assertIn(words, done.stderr)

    def test_it_does_so_when_weak_isolation_is_allowed_and_says_it_loudly(self):
        served = self.serve("serve", "--allow-weak-isolation", flags=self.refusing_namespaces())
        served.until("serving: http 8000")
        self.assertRegex(served.log(), "WEAK ISOLATION(.|\n)*user-namespace:")

    def test_the_filter_that_comes_along_gives_every_namespace(self):
        done = run_once(containers.NAME, "doctor", "--json",
                        flags=[f"--security-opt=seccomp={ROOT / 'deploy/image/seccomp.json'}"])
        works = {layer["name"]: layer["works"] for layer in json.loads(done.stdout)["layers"]}
        for layer in [*ALWAYS, "uts-namespace"]:
            self.assertTrue(works[layer], layer)

    def test_where_a_container_forbids_namespaces_workers_can_be_locked_in_without(self):
        served = self.serve("serve", "--isolation", "pod", flags=self.refusing_namespaces())
        served.until("the node is connected")
        reached = served.until("layers of isolation that workers get: (.*)")[1].split(", ")
        self.assertEqual(reached, ["resource-limits", "no-capabilities", "no-new-privileges",
                                   "not-dumpable", "landlock", "syscall-filter"])
        self.assertIn("--isolation pod: workers have no namespaces", served.log())

    def test_what_gives_a_container_every_layer_gives_it_to_workers(self):
        served = self.serve(flags=[*EVERY_LAYER, "--mount",
                                   f"type=tmpfs,dst={contents.STATE_FOLDER}"])
        served.until("the node is connected")
        served.until("serving: http 8000")
        self.assertNotIn("missing", served.log())
        served.command("tenant", "create", "plant")
        served.command("model", "push", "line-3", MODEL, "--tenant", "plant")
        served.command("deploy", "line-3", "--tenant", "plant", "--profile", "cpu:1c1g")
        self.assertEqual([layer for layer in [*ALWAYS, *OPTIONAL]
                          if layer not in served.command("ps")["workers"][0]["layers"]], [])
        self.assertEqual(served.stop(), 0)

    def test_a_stricter_policy_than_the_container_gives_is_refused(self):
        done = run_once(containers.NAME, flags=["--env", "BULKHEAD_OPTIONAL_LAYERS=uts-namespace"])
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("own-user:", done.stderr)

    def test_its_first_process_waits_for_those_that_others_leave_behind(self):
        served = self.serve()
        served.until("serving: http 8000")
        served.leave_behind("0.2")
        self.assertIn("sleep", served.children())
        containers.until("the orphan is gone", lambda: "sleep" not in served.children())


class Files(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.files = containers.file_list(containers.NAME)

    def test_there_is_no_shell_no_interpreter_and_no_package_manager(self):
        programs = {f"/usr/bin/{name}" for name in contents.PROGRAMS}
        for path, member in self.files:
            if not member.isfile():
                continue
            self.assertNotIn(posixpath.basename(path), check_contents.REFUSED, path)
            if member.mode & 0o111 and path not in programs:
                self.assertTrue(contents.is_loader(posixpath.basename(path)), path)

    def test_nothing_belongs_to_its_user_but_the_state_and_nothing_is_set_uid(self):
        owned = {path.rstrip("/") for path, member in self.files if member.uid == contents.USER}
        self.assertEqual(owned, {contents.STATE_FOLDER})
        for path, member in self.files:
            self.assertFalse(member.isfile() and member.mode & 0o6022, path)

    def test_every_program_runs_as_nobody_in_particular(self):
        for name in contents.PROGRAMS[:3]:
            done = run_once("--entrypoint", f"/usr/bin/{name}", containers.NAME, "--version")
            self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    archive = sys.argv.pop(1)
    containers.load(archive)
    unittest.main(verbosity=2)
