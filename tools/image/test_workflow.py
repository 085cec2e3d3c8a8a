#!/usr/bin/env python3
"""Workflows of the public home: nothing of others unpinned, no secret where others' code runs."""

import re
import unittest

import lock as locks

WORKFLOWS = sorted((locks.ROOT / ".github" / "workflows").glob("*.yml"))
USES = re.compile(r"^\s*-?\s*uses:\s*(\S+)", re.MULTILINE)
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")


def complaints(text):
    found = [f"{action}: not pinned by a full commit" for action in USES.findall(text)
             if not PINNED.fullmatch(action)]
    if not re.search(r"^permissions:\n  contents: read$", text, re.MULTILINE):
        found.append("permissions are more than `contents: read`")
    if "pull_request_target" in text:
        found.append("pull_request_target runs others' code with our secrets")
    for step in re.split(r"^      - ", text, flags=re.MULTILINE):
        if "secrets." in step and "if: startsWith(github.ref, 'refs/tags/v')" not in step:
            found.append("a secret outside of a step for tags")
    return found


class Workflows(unittest.TestCase):
    def test_they_are_there_and_clean(self):
        self.assertTrue(WORKFLOWS)
        for path in WORKFLOWS:
            self.assertEqual(complaints(path.read_text()), [], path.name)

    def test_every_make_target_that_they_use_exists(self):
        targets = set(re.findall(r"^([a-z-]+):", (locks.ROOT / "Makefile").read_text(),
                                 re.MULTILINE))
        for path in WORKFLOWS:
            used = re.findall(r"^\s+(?:run: )?make ([a-z-]+)", path.read_text(), re.MULTILINE)
            self.assertTrue(used)
            self.assertEqual(set(used) - targets, set())

    def test_each_thing_that_must_not_be_there_is_found(self):
        good = WORKFLOWS[0].read_text()
        for old, new in (("contents: read", "contents: write"),
                         ("  pull_request:", "  pull_request_target:"),
                         ("        if: startsWith(github.ref, 'refs/tags/v')\n", ""),
                         ("      - name: Test\n", "      - uses: a/b@v4\n      - name: Test\n")):
            self.assertIn(old, good)
            self.assertTrue(complaints(good.replace(old, new)), new)


if __name__ == "__main__":
    unittest.main()
