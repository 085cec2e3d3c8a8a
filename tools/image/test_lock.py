#!/usr/bin/env python3
"""The committed lock files, and locks that somebody damaged."""

import unittest

import lock as locks

HEAD = "# bulkhead image lock 1 suite=bookworm architecture=amd64 resolved=20261123T000000Z\n"
HASH = "0123456789abcdef" * 4
LINE = f"zlib1g 1:1.2.13 amd64 zlib 1:1.2.13 library {HASH} debian/pool/main/z/zlib/zlib1g.deb\n"


class Committed(unittest.TestCase):
    def test_every_lock_file_can_be_read_and_is_as_it_would_be_written(self):
        paths = sorted(locks.FOLDER.glob("*.lock"))
        self.assertTrue(paths)
        for path in paths:
            lock = locks.read(path)
            self.assertEqual(path, locks.lock_file(lock.suite, lock.architecture))
            self.assertEqual(locks.render(lock), path.read_text())

    def test_what_is_wanted_is_locked_in_its_role(self):
        wanted = (locks.FOLDER / "packages.txt").read_text()
        for path in locks.FOLDER.glob("*.lock"):
            lock = locks.read(path)
            roles = {package.name: package.role for package in lock.packages}
            for role, name in locks.wanted(wanted, lock.suite):
                self.assertEqual(roles.get(name, "without"), role, name)


class Damaged(unittest.TestCase):
    def refusal(self, text):
        with self.assertRaises(locks.LockError) as caught:
            locks.parse(text)
        return str(caught.exception)

    def test_a_good_one_is_read(self):
        self.assertEqual(locks.parse(HEAD + LINE).packages[0].version, "1:1.2.13")

    def test_each_field_is_checked(self):
        for wrong, said in (("zlib1g", "name"), ("library", "role"), (HASH, "sha256"),
                            ("debian/pool", "path"), ("1:1.2.13", "version")):
            self.assertIn(f"is no {said}", self.refusal(HEAD + LINE.replace(wrong, "!", 1)))

    def test_a_path_leads_nowhere_else(self):
        self.assertIn("is no path",
                      self.refusal(HEAD + LINE.replace("pool/main/z", "pool/../../z")))

    def test_another_processors_package_is_refused(self):
        self.assertIn("for arm64", self.refusal(HEAD + LINE.replace("amd64", "arm64")))

    def test_twice_and_out_of_order_are_refused(self):
        self.assertIn("twice", self.refusal(HEAD + LINE + LINE))
        self.assertIn("order", self.refusal(HEAD + LINE + LINE.replace("zlib1g", "abc", 1)))

    def test_an_empty_or_foreign_file_is_refused(self):
        for text in ("", "hello\n", HEAD):
            self.refusal(text)
        self.assertIn("4 words", self.refusal(HEAD + "a b c d\n"))


if __name__ == "__main__":
    unittest.main()
