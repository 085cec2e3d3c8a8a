# SPDX-License-Identifier: Apache-2.0
"""The audit commands over a log that a program wrote, and proofs checked by somebody else.

AUDIT_WRITER names tests/unsynced' audit-writer. The checker below knows C2SP's pages, hashlib and
openssl(1), and nothing of ours.
"""

import base64
import hashlib
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

BULKHEAD = os.environ["BULKHEAD"]
WRITER = os.environ["AUDIT_WRITER"]
# An Ed25519 public key in DER is these bytes and the key (RFC 8410, section 4).
DER_START = bytes.fromhex("302a300506032b6570032100")


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaf, index, size, path):
    """RFC 6962, section 2.1.1, read from the top."""
    if size == 1:
        assert not path
        return leaf
    left = 1 << ((size - 1).bit_length() - 1)
    if index < left:
        return node(root_of(leaf, index, left, path[:-1]), path[-1])
    return node(path[-1], root_of(leaf, index - left, size - left, path[:-1]))


def signed_by(vkey, body, note_signatures, folder):
    name, key_id, typed = vkey.split("+", 2)
    public = base64.b64decode(typed)[1:]
    for line in note_signatures.splitlines():
        dash, signer, text = line.split(" ")
        raw = base64.b64decode(text)
        if dash != "\u2014" or signer != name or raw[:4].hex() != key_id:
            continue
        for file, content in (("key", DER_START + public), ("body", body.encode()),
                              ("signature", raw[4:])):
            (folder / file).write_bytes(content)
        return subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", folder / "key", "-keyform", "DER",
             "-rawin", "-in", folder / "body", "-sigfile", folder / "signature"],
            capture_output=True, check=False).returncode == 0
    return False


def check_proof(proof, vkey, folder):
    """The record that the proof proves, or None."""
    head, _, note = proof.partition("\n\n")
    first, extra, index, *path = head.split("\n")
    if first != "c2sp.org/tlog-proof@v1":
        return None
    record = base64.b64decode(extra.removeprefix("extra "))
    body, _, signatures = note.rpartition("\n\n")
    origin, size, root = body.split("\n")[:3]
    if origin != vkey.split("+")[0] or not signed_by(vkey, body + "\n", signatures, folder):
        return None
    leaf = hashlib.sha256(b"\x00" + record).digest()
    computed = root_of(leaf, int(index.removeprefix("index ")), int(size),
                       [base64.b64decode(line) for line in path])
    return record if computed == base64.b64decode(root) else None


class Audit(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.folder = pathlib.Path(self.temporary.name)
        self.log = self.folder / "log"
        self.write(1, 300)
        self.key = (self.log / "verifier-key").read_text().strip()

    def write(self, run, count):
        subprocess.run([WRITER, self.log, str(run), str(count)], check=True,
                       stdout=subprocess.DEVNULL)

    def audit(self, *arguments, status=0):
        done = subprocess.run(
            [BULKHEAD, "audit", *map(str, arguments)], capture_output=True, text=True, check=False,
            env={**os.environ, "BULKHEAD_HOME": str(self.folder / "home")})
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout if status == 0 else done.stdout + done.stderr

    def segment(self):
        return self.log / "records/0000000000.jsonl"

    def test_a_proof_needs_no_program_of_ours(self):
        lines = self.segment().read_bytes().splitlines()
        for record in (0, 1, 255, 256, 301):
            proof = self.audit("prove", record, "--log", self.log)
            self.assertEqual(check_proof(proof, self.key, self.folder), lines[record])
        changed = proof.replace("index 301", "index 300")
        self.assertIsNone(check_proof(changed, self.key, self.folder))
        self.audit("prove", 302, "--log", self.log, status=1)

    def test_prove_checks_what_it_is_given(self):
        proof = self.folder / "one.tlog-proof"
        self.audit("prove", 17, "--log", self.log, "--out", proof)
        told = json.loads(self.audit("prove", "--check", proof, "--key", self.key, "--json"))
        self.assertEqual((told["record"], told["event"]["event"]), (17, "model-upload"))
        self.assertIn("--key", self.audit("prove", "--check", proof, status=1))
        proof.write_text(proof.read_text().replace("index 17", "index 18"))
        self.audit("prove", "--check", proof, "--key", self.key, status=1)
        self.audit("prove", "--log", self.log, status=2)

    def test_verify_remembers_and_refuses_an_older_log(self):
        kept = self.folder / "kept"
        subprocess.run(["cp", "-a", self.log, kept], check=True)
        self.write(2, 10)
        told = json.loads(self.audit("verify", "--log", self.log, "--json"))
        self.assertTrue(told["sound"])
        self.assertEqual((told["records"], told["key_source"]), (314, "log"))
        subprocess.run(["rm", "-r", self.log], check=True)
        kept.rename(self.log)
        self.assertIn("older", self.audit("verify", "--log", self.log, status=1))

    def test_verify_names_what_was_changed(self):
        text = self.segment().read_text()
        self.segment().write_text(text.replace('"auditID":"1000042"', '"auditID":"1000043"'))
        told = self.audit("verify", "--log", self.log, status=1)
        self.assertIn("it does not follow the record before it", told)
        self.assertIn("its newest checkpoint", told)

    def test_verify_holds_the_log_against_checkpoints_from_elsewhere(self):
        second = self.folder / "second"
        second.mkdir()
        (second / "one").write_text((self.log / "checkpoint").read_text())
        self.write(2, 10)
        self.audit("verify", "--log", self.log, "--key", self.key, "--checkpoints", second)
        (second / "two").write_text("not a checkpoint")
        self.audit("verify", "--log", self.log, "--checkpoints", second, status=1)

    def test_tail_prints_records_as_text_as_they_are_and_as_ocsf(self):
        lines = self.segment().read_text().splitlines()
        self.assertEqual(self.audit("tail", "--log", self.log, "--json").splitlines(), lines[-10:])
        self.assertEqual(
            self.audit("tail", "--log", self.log, "--all", "--json").splitlines(), lines)
        self.assertIn("model-upload user=ada tenant=acme",
                      self.audit("tail", "-n", "2", "--log", self.log))
        told = self.audit("tail", "-n", "2", "--ocsf", "--log", self.log)
        event = json.loads(told.split("\n")[0])
        self.assertEqual((event["class_uid"], event["actor"]["user"]["name"]), (6003, "ada"))
        self.audit("tail", "--log", self.folder, status=1)


if __name__ == "__main__":
    unittest.main()
