#!/usr/bin/env python3
"""Layers, archives, what may not be in them, and what the loader is found to need."""

import hashlib
import io
import json
import os
import sys
import tarfile
import unittest

import build
import check_contents
import contents
import elf
import lock as locks
import oci
import tree as trees


def small_tree(names):
    tree = trees.Tree()
    for name in names:
        tree.add_file(f"/usr/share/{name}", name.encode())
    tree.add_folder("/state", mode=0o700, owner=contents.USER)
    tree.add_link("/lib", "usr/lib")
    return tree


class Layers(unittest.TestCase):
    def test_the_order_in_which_files_came_does_not_matter(self):
        self.assertEqual(oci.layer(small_tree(["a", "b", "c"]), 7),
                         oci.layer(small_tree(["c", "a", "b"]), 7))

    def test_neither_mask_nor_time_zone_nor_user_is_in_them(self):
        before = os.umask(0o077)
        try:
            strict = oci.layer(small_tree(["a"]), 7)
        finally:
            os.umask(before)
        self.assertEqual(strict, oci.layer(small_tree(["a"]), 7))
        with tarfile.open(fileobj=io.BytesIO(strict)) as archive:
            members = {member.name: member for member in archive}
        self.assertEqual({member.mtime for member in members.values()}, {7})
        self.assertEqual({member.uname for member in members.values()}, {""})
        self.assertEqual((members["state"].uid, members["state"].mode), (contents.USER, 0o700))
        self.assertEqual((members["lib"].issym(), members["lib"].linkname), (True, "usr/lib"))

    def test_an_archive_holds_what_its_digests_say(self):
        layers = [oci.layer(small_tree(["a"]), 7)]
        config = oci.encode(oci.config("1970-01-01T00:00:07Z", "amd64", {}, layers, ["a"]))
        manifest = oci.encode(oci.manifest(config, layers, {}))
        written = oci.archive(config, manifest, layers, "localhost/x:1", 7)
        with tarfile.open(fileobj=io.BytesIO(written)) as archive:
            files = {m.name: archive.extractfile(m).read() for m in archive if m.isfile()}
        for name, content in files.items():
            if name.startswith("blobs/"):
                self.assertEqual(name.rsplit("/", 1)[1], hashlib.sha256(content).hexdigest())
        index = json.loads(files["index.json"])
        self.assertEqual(index["manifests"][0]["digest"], oci.digest(manifest))
        self.assertEqual(json.loads(config)["rootfs"]["diff_ids"],
                         [layer["digest"] for layer in json.loads(manifest)["layers"]])


class Paths(unittest.TestCase):
    def test_a_path_that_leads_elsewhere_is_refused(self):
        for path in ("usr/x", "/usr/../x", "/usr//x", "/x/"):
            with self.assertRaises(ValueError, msg=path):
                trees.Tree().add_file(path, b"")

    def test_two_files_in_one_place_are_refused(self):
        tree = trees.Tree()
        tree.add_file("/x", b"1")
        with self.assertRaises(ValueError):
            tree.add_file("/x", b"2")

    def test_links_are_followed_through_every_package_and_not_for_ever(self):
        packages = trees.Packages({})
        packages.files = {"/usr/lib/a.so.1.2": b""}
        packages.links = {"/lib": "usr/lib", "/usr/lib/a.so.1": "a.so.1.2", "/round": "round"}
        self.assertEqual(packages.resolve("/lib/a.so.1"), "/usr/lib/a.so.1.2")
        self.assertIsNone(packages.resolve("/round/x"))
        self.assertIsNone(packages.resolve("/lib/b.so.1"))


class Refused(unittest.TestCase):
    def complaints(self, path, content=b"", mode=0o644):
        tree = small_tree(["a"])
        tree.add_file(path, content, mode)
        return list(check_contents.complaints([tree]))

    def test_a_plain_file_is_not(self):
        self.assertEqual(self.complaints("/usr/share/text"), [])
        self.assertEqual(self.complaints("/usr/bin/bulkhead", elf.MAGIC, 0o755), [])

    def test_shells_scripts_and_programs_of_others_are(self):
        for path, content, mode in (("/bin/sh", b"", 0o644), ("/usr/bin/python3", b"", 0o644),
                                    ("/x", b"#!/bin/true\n", 0o644), ("/usr/bin/true", b"", 0o755),
                                    ("/usr/bin/bulkhead", b"", 0o4755), ("/x", b"", 0o666),
                                    ("/usr/share/true", elf.MAGIC, 0o644)):
            self.assertTrue(self.complaints(path, content, mode), path)

    def test_the_build_stops_at_one(self):
        tree = trees.Tree()
        tree.add_file("/bin/bash", b"")
        with self.assertRaises(check_contents.Unwanted):
            check_contents.check([tree])


class Needs(unittest.TestCase):
    def test_a_program_names_its_loader_and_its_libraries(self):
        with open(os.path.realpath(sys.executable), "rb") as program:
            file = elf.Elf(program.read())
        self.assertIn("ld-linux", file.interpreter)
        self.assertIn("libc.so.6", file.needed)

    def test_damaged_files_are_refused(self):
        good = elf.MAGIC + b"\x02\x01" + bytes(58)
        self.assertEqual(elf.Elf(good).needed, [])
        for content in (b"", b"MZ", good[:40], good[:54] + b"\x38\0\xff\xff" + good[58:]):
            with self.assertRaises(elf.ElfError):
                elf.Elf(content)

    def test_a_library_that_no_package_has_stops_the_build(self):
        libraries = contents.Libraries(trees.Packages({}), "amd64")
        with open(os.path.realpath(sys.executable), "rb") as program:
            with self.assertRaisesRegex(contents.ContentsError, "which no package of the lock has"):
                libraries.add_needs_of("python3", program.read())


class Configuration(unittest.TestCase):
    def test_the_policy_names_layers_that_there_are(self):
        known = (locks.ROOT / "src" / "isolation" / "layer.cpp").read_text()
        for name in build.OPTIONAL_LAYERS.split(","):
            self.assertIn(f'"{name}"', known)

    def test_it_runs_as_nobody_in_particular_and_keeps_state_in_one_place(self):
        run = build.run_configuration({})
        self.assertEqual(run["User"], f"{contents.USER}:{contents.USER}")
        self.assertIn(f"BULKHEAD_HOME={contents.STATE_FOLDER}", run["Env"])
        self.assertEqual(list(run["Volumes"]), [contents.STATE_FOLDER])

    def test_the_build_puts_the_engine_where_the_programs_look(self):
        presets = json.loads((locks.ROOT / "CMakePresets.json").read_text())["configurePresets"]
        image = next(preset for preset in presets if preset["name"] == "image")
        self.assertEqual(image["cacheVariables"]["BULKHEAD_ENGINE_PLACE"], contents.ENGINE)


if __name__ == "__main__":
    unittest.main()
