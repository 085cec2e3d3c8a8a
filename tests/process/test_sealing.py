"""Sealed weights with the real programs: a thief with the disk, keys that are taken away, files
that are swapped, and where plaintext is while a model serves.

    python3 tests/process/test_sealing.py BIN-FOLDER
"""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

import memory_scan
import served as serving
from served import MODEL, PICTURE, Served, until

PLAIN = MODEL.read_bytes()


def planted():
    """Runs of 32 bytes of the weights, each of which is nowhere else in the file."""
    runs = []
    for share in range(2, 19):
        at = len(PLAIN) * share // 20
        run = PLAIN[at:at + 32]
        if len(set(run)) > 16 and PLAIN.count(run) == 1:
            runs.append(run)
    return runs


PATTERNS = planted()


def children(process):
    return [int(pid) for pid in
            pathlib.Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def name_of(process):
    return pathlib.Path(f"/proc/{process}/comm").read_text().strip()


class Sealing(unittest.TestCase):
    def setUp(self):
        self.home = tempfile.TemporaryDirectory()
        self.addCleanup(self.home.cleanup)
        self.served = Served(self.home.name)
        self.addCleanup(self.stop)

    def stop(self):
        if self.served.process.poll() is None:
            self.served.stop()

    def restart(self):
        self.served.stop()
        self.served.start()

    # --- What stories are made of ---

    def tenant(self, name, model=None, deploy=True):
        """A tenant with a key; its model, pushed and deployed."""
        self.served.command("tenant", "create", name)
        key = self.served.new_key(name)
        if model:
            self.served.command("model", "push", model, str(MODEL), "--tenant", name)
            if deploy:
                self.served.command("deploy", model, "--tenant", name)
        return key

    def tenant_id(self, name):
        return self.served.command("tenant", "show", name)["id"]

    def sealed_file(self, tenant, model="line-3", version=1):
        return (self.served.folder / "gateway/models" / self.tenant_id(tenant) /
                f"{model}@{version}")

    def refused(self, *words):
        """What a command of `bulkhead` says that does not do it."""
        done = subprocess.run([serving.Place.bin / "bulkhead", *words],
                              env=self.served.environment, capture_output=True, text=True,
                              check=False)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        return done.stderr

    def processes(self):
        """Of the gateway, the node and its workers."""
        programs = {name_of(pid): pid for pid in children(self.served.process.pid)}
        node = programs["bulkhead-node"]
        return programs["bulkhead-gatewa"], node, children(node)

    def kill_worker(self):
        _, _, workers = self.processes()
        self.assertEqual(len(workers), 1)
        os.kill(workers[0], signal.SIGKILL)

    def answers(self, key, status, model="line-3"):
        return self.served.detect(model, key)[0] == status

    def serves(self, key, model="line-3"):
        until(f"{model} to serve", lambda: self.answers(key, 200, model))

    def detections(self, key, model="line-3"):
        status, _, content = self.served.detect(model, key)
        self.assertEqual(status, 200, content)
        return json.loads(content)["detections"]

    def assert_plain_nowhere(self, when):
        gateway, node, _ = self.processes()
        for name, process in (("gateway", gateway), ("node", node)):
            with self.subTest(when, process=name):
                self.assertEqual(memory_scan.in_memory(process, PATTERNS), set())
                self.assertEqual(memory_scan.in_descriptors(process, PATTERNS), set())
                limits = pathlib.Path(f"/proc/{process}/limits").read_text()
                self.assertRegex(limits, r"Max core file size +0 +0 ")
        with self.subTest(when, process="disk"):
            self.assertEqual(memory_scan.in_folder(self.served.folder, PATTERNS), [])

    # --- Where plaintext is ---

    def test_the_scan_finds_what_is_there(self):
        self.assertGreater(len(PATTERNS), 8)
        holder = subprocess.Popen(
            ["python3", "-c", f"import sys; held = open({str(MODEL)!r}, 'rb').read(); "
             "print(1, flush=True); sys.stdin.read()"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(holder.communicate)
        holder.stdout.read(1)
        self.assertEqual(memory_scan.in_memory(holder.pid, PATTERNS), set(PATTERNS))
        memory = os.memfd_create("model")
        os.write(memory, PLAIN)
        self.assertEqual(memory_scan.in_descriptors(os.getpid(), PATTERNS), set(PATTERNS))
        os.close(memory)
        copy = self.served.folder / "copy"
        copy.write_bytes(b"x" + PLAIN)
        self.assertEqual(memory_scan.in_folder(self.served.folder, PATTERNS), [str(copy)])

    def test_plaintext_is_with_the_worker_alone(self):
        key = self.tenant("plant", "line-3", deploy=False)
        self.assert_plain_nowhere("pushed")
        self.served.command("deploy", "line-3", "--tenant", "plant")
        self.serves(key)
        self.assert_plain_nowhere("serving")
        self.kill_worker()
        until("the worker to be replaced", lambda: self.answers(key, 200))
        self.assert_plain_nowhere("started again")

    def test_a_push_that_breaks_off_leaves_no_plaintext(self):
        self.tenant("plant")
        head = ("POST /admin/tenants/plant/models/line-3/versions HTTP/1.1\r\nHost: test\r\n"
                f"Content-Length: {len(PLAIN)}\r\n\r\n").encode()
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(self.served.folder / "gateway/admin.sock"))
            client.sendall(head + PLAIN[:len(PLAIN) * 3 // 4])
        # Answered after it has heard of the end before it.
        self.served.command("model", "list", "--tenant", "plant")
        gateway, _, _ = self.processes()
        until("the rest to be wiped", lambda: not memory_scan.in_memory(gateway, PATTERNS))
        self.assertEqual(memory_scan.in_folder(self.served.folder, PATTERNS), [])

    # --- A thief, a swapper ---

    def test_sealed_detections_are_those_of_the_plain_model(self):
        key = self.tenant("plant", "line-3")
        self.serves(key)
        picture = self.served.folder / "part.jpg"
        picture.write_bytes(PICTURE)
        plain = json.loads(subprocess.run(
            [serving.Place.bin / "bulkhead", "detect", MODEL, picture, "--json"],
            capture_output=True, text=True, check=True).stdout)
        expected = plain["images"][0]["detections"]
        found = self.detections(key)
        self.assertEqual([one["name"] for one in found], [one["name"] for one in expected])
        for one, other in zip(found, expected):
            self.assertAlmostEqual(one["score"], other["score"], delta=1e-4)
            for side, value in other["box"].items():
                self.assertAlmostEqual(one["box"][side], value, delta=0.01)

    def test_a_swapped_or_changed_file_starts_nothing(self):
        city = self.tenant("city", "line-3")
        plant = self.tenant("plant", "line-3")
        self.served.command("model", "push", "line-3", str(MODEL), "--tenant", "plant")
        own, second = self.sealed_file("plant"), self.sealed_file("plant", version=2)
        others = self.sealed_file("city").read_bytes()
        original = own.read_bytes()
        changed = bytearray(original)
        changed[len(changed) // 2] ^= 1
        short = original[:-1]
        self.served.stop()
        for what, content in (("another tenant's", others), ("another version's",
                              second.read_bytes()), ("changed", bytes(changed)), ("short", short)):
            with self.subTest(what):
                own.write_bytes(content)
                self.served.start()
                self.serves(city)
                until("the refusal to be logged", lambda: self.served.said(
                    r"the model's file|is not the one that was sealed"))
                self.assertEqual(self.served.detect("line-3", plant)[0], 503)
                self.served.stop()
        own.write_bytes(original)
        self.served.start()
        self.serves(plant)

    def test_a_disk_without_its_keys_serves_nothing(self):
        key = self.tenant("plant", "line-3")
        self.serves(key)
        self.served.stop()
        shutil.rmtree(self.served.folder / "node/keys")
        self.served.start()
        until("the refusal to be logged", lambda: self.served.said(r"no key|there is no"))
        self.assertEqual(self.served.detect("line-3", key)[0], 503)

    def test_plain_models_of_earlier_releases_keep_the_gateway_from_starting(self):
        self.tenant("plant", "line-3", deploy=False)
        folder = self.sealed_file("plant").parent
        self.served.stop()
        plain = folder / ("a" * 64)
        plain.write_bytes(PLAIN)
        with self.assertRaisesRegex(AssertionError, "not sealed.*shred"):
            self.served.start()
        plain.unlink()
        self.served.start()

    # --- Keys that turn over and go away ---

    def test_a_key_turns_over_while_its_models_serve(self):
        key = self.tenant("plant", "line-3")
        self.serves(key)
        backup = self.sealed_file("plant").read_bytes()
        rotated = self.served.command("seal", "rotate", "plant")
        self.assertEqual(rotated["versions"], {"oldest": 2, "newest": 2})
        self.assertEqual(self.served.detect("line-3", key)[0], 200)
        after = self.sealed_file("plant").read_bytes()
        self.assertNotEqual(after[:300], backup[:300])
        self.assertEqual(after[-len(PLAIN):], backup[-len(PLAIN):])
        self.kill_worker()
        self.serves(key)
        # An older copy is of no use any more.
        self.served.stop()
        path = next((self.served.folder / "gateway/models").glob("*/line-3@1"))
        path.write_bytes(backup)
        self.served.start()
        until("the refusal to be logged", lambda: self.served.said(r"version 1 of the key"))
        self.assertEqual(self.served.detect("line-3", key)[0], 503)

    def test_a_revoked_key_ends_workers_and_comes_back(self):
        plant = self.tenant("plant", "line-3")
        city = self.tenant("city", "street")
        self.serves(plant)
        self.serves(city, "street")
        self.assertEqual(self.served.command("seal", "revoke", "plant")["state"], "revoked")
        until("the worker to end", lambda: self.answers(plant, 503))
        self.assertEqual(self.served.detect("street", city)[0], 200)
        self.assertIn("revoked", self.refused("model", "push", "line-4", str(MODEL), "--tenant",
                                              "plant"))
        self.restart()
        self.serves(city, "street")
        self.assertEqual(self.served.detect("line-3", plant)[0], 503)
        self.assertEqual(self.served.command("seal", "restore", "plant")["state"], "active")
        self.serves(plant)

    def test_a_shredded_tenant_is_gone_even_with_a_backup(self):
        plant = self.tenant("plant", "line-3")
        city = self.tenant("city", "street")
        self.serves(plant)
        self.served.stop()
        backup = self.served.folder / "backup"
        shutil.copytree(self.served.folder / "gateway", backup,
                        ignore=shutil.ignore_patterns("*.sock"))
        self.served.start()
        self.serves(plant)
        self.assertIn("With --yes", self.refused("seal", "shred", "plant"))
        self.assertEqual(self.served.detect("line-3", plant)[0], 200)
        self.assertEqual(self.served.command("seal", "shred", "plant", "--yes")["state"], "none")
        until("the worker to end", lambda: self.answers(plant, 503))
        self.serves(city, "street")
        self.assertIn("destroyed", self.refused("model", "push", "line-3", str(MODEL), "--tenant",
                                                "plant"))
        self.served.stop()
        shutil.rmtree(self.served.folder / "gateway")
        backup.rename(self.served.folder / "gateway")
        self.served.start()
        self.serves(city, "street")
        self.assertEqual(self.served.detect("line-3", plant)[0], 503)

    def test_what_serves_goes_on_when_keys_cannot_be_kept(self):
        key = self.tenant("plant", "line-3")
        self.serves(key)
        keys = self.served.folder / "node/keys"
        aside = self.served.folder / "aside"
        keys.rename(aside)
        shutil.rmtree(aside)
        self.refused("seal", "rotate", "plant")
        self.assertEqual(self.served.detect("line-3", key)[0], 200)

    # --- Sealed by the owner ---

    def test_a_model_that_its_owner_sealed_serves_and_is_for_one_version_alone(self):
        key = self.tenant("plant")
        self.tenant("city")
        tenant_id = self.tenant_id("plant")
        self.served.stop()
        sealed = {}
        for version in (1, 2):
            sealed[version] = str(self.served.folder / f"line-3.v{version}")
            made = self.served.command(
                "model", "seal", str(MODEL), sealed[version], "--tenant-id", tenant_id, "--model",
                "line-3", "--version", str(version), "--keys",
                f"file:{self.served.folder}/node/keys/keyring")
            self.assertEqual(made["bytes"], len(PLAIN))
        strange = str(self.served.folder / "strange")
        self.served.command("model", "seal", str(MODEL), strange, "--tenant-id", tenant_id,
                            "--model", "line-3", "--version", "1", "--keys",
                            f"file:{self.served.folder}/other-keyring")
        self.served.start()
        push = ("model", "push", "line-3")
        self.assertIn("this would be version 1 of line-3",
                      self.refused(*push, sealed[2], "--tenant", "plant"))
        self.assertIn("is sealed as version 1", self.refused(*push, sealed[1], "--tenant", "city"))
        self.assertIn("is sealed as version 1",
                      self.refused("model", "push", "line-4", sealed[1], "--tenant", "plant"))
        self.refused(*push, strange, "--tenant", "plant")
        self.served.command(*push, sealed[1], "--tenant", "plant")
        self.served.command("deploy", "line-3", "--tenant", "plant")
        self.serves(key)
        self.assertIn("dent", [found["name"] for found in self.detections(key)])
        self.assert_plain_nowhere("sealed by its owner")


if __name__ == "__main__":
    serving.run()
