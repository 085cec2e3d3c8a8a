"""The order of Debian's version numbers, as deb-version(7) describes it."""

import re

PARTS = re.compile(r"(\D*)(\d*)")


def compare(left, right):
    """Negative, 0 or positive, as `left` is older than, the same as or newer than `right`."""
    left_epoch, left_upstream, left_revision = split(left)
    right_epoch, right_upstream, right_revision = split(right)
    return (left_epoch - right_epoch or compare_text(left_upstream, right_upstream)
            or compare_text(left_revision, right_revision))


def split(version):
    epoch, colon, rest = version.partition(":")
    if not colon:
        epoch, rest = "0", version
    if not epoch.isdecimal():
        raise ValueError(f"{version}: the epoch is no number")
    upstream, _, revision = rest.rpartition("-") if "-" in rest else (rest, "", "")
    if not upstream:
        raise ValueError(f"{version!r} is no version")
    return int(epoch), upstream, revision


def compare_text(left, right):
    """Runs of other characters and runs of digits in turns; a tilde is less than the end."""
    for (left_word, left_number), (right_word, right_number) in zip(*padded(left, right)):
        if left_word != right_word:
            left_order, right_order = order(left_word), order(right_word)
            return -1 if left_order < right_order else 1
        difference = int(left_number or 0) - int(right_number or 0)
        if difference:
            return difference
    return 0


def padded(left, right):
    parts = [PARTS.findall(text) for text in (left, right)]
    longest = max(len(part) for part in parts)
    return [part + [("", "")] * (longest - len(part)) for part in parts]


def order(word):
    """Letters before everything else, the end before letters, a tilde before the end."""
    ranks = [-1 if c == "~" else ord(c) if c.isalpha() else ord(c) + 256 for c in word]
    return [*ranks, 0]
