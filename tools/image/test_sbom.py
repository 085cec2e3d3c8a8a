#!/usr/bin/env python3
"""The bills of materials: complete, the same every time, and as their schemas want them."""

import json
import types
import unittest

import lock as locks
import sbom
import tree as trees

BILL = sbom.Bill("bulkhead", "0.1.0", "0" * 40, "2026-11-23T00:00:00Z", "sha256:" + "1" * 64,
                 "bookworm")


def all_components():
    lock = locks.read(sorted(locks.FOLDER.glob("*.lock"))[0])
    engine = types.SimpleNamespace(version="1.30.0", wheel_sha256="2" * 64)
    tree = trees.Tree()
    tree.add_file("/usr/share/m/line-inspection.onnx", b"model")
    tree.add_file("/usr/share/m/MODEL_CARD.md", b"card")
    return lock, sbom.components(lock, engine, {"bulkhead": b"a", "bulkhead-node": b"b"}, tree,
                                 "0.1.0")


class Sbom(unittest.TestCase):
    def setUp(self):
        self.lock, self.components = all_components()

    def test_it_names_what_debian_knows_and_what_it_does_not(self):
        names = {component.name for component in self.components}
        self.assertTrue({package.name for package in self.lock.packages} <= names)
        self.assertEqual(names - {package.name for package in self.lock.packages},
                         {"onnxruntime", "bulkhead", "bulkhead-node", "line-inspection"})

    def test_both_forms_name_the_same_things_by_the_same_names(self):
        cyclonedx = json.loads(sbom.cyclonedx(BILL, self.components))
        spdx = json.loads(sbom.spdx(BILL, self.components))
        purls = [component["purl"] for component in cyclonedx["components"]]
        self.assertEqual(len(purls), len(set(purls)))
        self.assertEqual(sorted(purls), sorted(
            package["externalRefs"][0]["referenceLocator"] for package in spdx["packages"][1:]))
        ids = [package["SPDXID"] for package in spdx["packages"]]
        self.assertEqual(len(ids), len(set(ids)))

    def test_the_same_image_gives_the_same_bytes(self):
        for form in (sbom.cyclonedx, sbom.spdx):
            self.assertEqual(form(BILL, self.components), form(BILL, all_components()[1]))

    def test_versions_are_written_so_that_they_come_back(self):
        found = sbom.purl("deb", "debian/x", "1:2.0+dfsg-1~deb12u1", distro="d", arch="a")
        self.assertEqual(found, "pkg:deb/debian/x@1%3A2.0%2Bdfsg-1~deb12u1?arch=a&distro=d")


if __name__ == "__main__":
    unittest.main()
