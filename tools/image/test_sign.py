#!/usr/bin/env python3
"""Signing with a throw-away key, and everything that is then changed."""

import contextlib
import io
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest
import unittest.mock

import oci
import sign
import tree as trees


def write_image(folder, content=b"a"):
    tree = trees.Tree()
    tree.add_file("/a", content)
    layers = [oci.layer(tree, 7)]
    config = oci.encode(oci.config("1970-01-01T00:00:07Z", "amd64", {}, layers, ["a"]))
    manifest = oci.encode(oci.manifest(config, layers, {}))
    (folder / "bulkhead.oci.tar").write_bytes(oci.archive(config, manifest, layers, "x", 7))
    (folder / "digest").write_text(oci.digest(manifest) + "\n")
    for name in ("sbom.cdx.json", "sbom.spdx.json"):
        (folder / name).write_text("{}\n")


def make_key(folder, name):
    subprocess.run(["minisign", "-G", "-W", "-f", "-p", folder / f"{name}.pub", "-s",
                    folder / f"{name}.key"], check=True, capture_output=True)
    return str(folder / f"{name}.key"), str(folder / f"{name}.pub")


@unittest.skipUnless(shutil.which("minisign"), "minisign is missing")
class Signed(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        write_image(self.folder)
        self.secret, self.public = make_key(self.folder, "ours")
        self.assertEqual(self.run_with("sign", self.secret), 0)

    def run_with(self, action, key):
        with contextlib.redirect_stdout(io.StringIO()), \
                contextlib.redirect_stderr(io.StringIO()) as said:
            status = sign.main([action, "--key", key, "--folder", str(self.folder)])
        self.said = said.getvalue()
        return status

    def test_what_was_signed_is_verified(self):
        self.assertEqual(self.run_with("verify", self.public), 0, self.said)

    def test_each_changed_file_is_refused(self):
        for name in (*sign.FILES, sign.SUMS, sign.SUMS + ".minisig"):
            path = self.folder / name
            before = path.read_bytes()
            path.write_bytes(before[:-2] + bytes([before[-2] ^ 1]) + before[-1:])
            self.assertEqual(self.run_with("verify", self.public), 1, name)
            path.unlink()
            self.assertEqual(self.run_with("verify", self.public), 1, name)
            path.write_bytes(before)
        self.assertEqual(self.run_with("verify", self.public), 0, self.said)

    def test_another_key_is_refused(self):
        self.assertEqual(self.run_with("verify", make_key(self.folder, "theirs")[1]), 1)

    def test_an_image_that_somebody_signs_with_another_digest_is_refused(self):
        (self.folder / "digest").write_text("sha256:" + "0" * 64 + "\n")
        self.assertEqual(self.run_with("sign", self.secret), 1)
        self.assertIn("its digest file says", self.said)

    def test_what_is_no_image_is_not_signed(self):
        for content in (b"", b"x" * 2000):
            (self.folder / "bulkhead.oci.tar").write_bytes(content)
            self.assertEqual(self.run_with("sign", self.secret), 1)


class Absent(unittest.TestCase):
    def test_a_program_that_is_not_there_is_named_with_how_to_get_it(self):
        with self.assertRaisesRegex(sign.Refused, "cosign is missing"):
            with unittest.mock.patch.dict(os.environ, PATH="/nonexistent"):
                sign.run("cosign", "version")


if __name__ == "__main__":
    unittest.main()
