"""Looks for bytes in files and in the memory of processes."""

import os
import pathlib

PIECE = 1 << 22


def in_stream(read, patterns):
    """Those of the patterns that come by."""
    found = set()
    kept = b""
    overlap = max(len(pattern) for pattern in patterns) - 1
    while True:
        piece = read(PIECE)
        if not piece:
            return found
        window = kept + piece
        found |= {pattern for pattern in patterns if pattern in window}
        kept = window[-overlap:]


def in_file(path, patterns):
    with open(path, "rb") as file:
        return in_stream(file.read, patterns)


def in_folder(folder, patterns):
    """Paths of files below the folder that hold one of the patterns."""
    found = []
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.is_file() and not path.is_symlink() and in_file(path, patterns):
            found.append(str(path))
    return found


def readable_mappings(process):
    for line in pathlib.Path(f"/proc/{process}/maps").read_text().splitlines():
        span, permissions, rest = line.split(maxsplit=2)
        # Pages of the kernel's own, and of devices, cannot be read.
        if permissions.startswith("r") and "[v" not in rest:
            begin, end = (int(address, 16) for address in span.split("-"))
            yield begin, end


def in_memory(process, patterns):
    """Those of the patterns that are in the process's memory, whatever it is mapped from."""
    found = set()
    with open(f"/proc/{process}/mem", "rb", buffering=0) as memory:
        for begin, end in readable_mappings(process):
            at = begin

            def read(count, end=end):
                nonlocal at
                memory.seek(at)
                try:
                    piece = memory.read(min(count, end - at))
                except OSError:  # a guard page, or gone meanwhile
                    return b""
                at += len(piece)
                return piece

            found |= in_stream(read, patterns)
    return found


def in_descriptors(process, patterns):
    """What of the patterns is in files without a name that the process has open."""
    found = set()
    folder = pathlib.Path(f"/proc/{process}/fd")
    for entry in folder.iterdir():
        try:
            if os.readlink(entry).startswith("/memfd:"):
                found |= in_file(entry, patterns)
        except OSError:  # closed meanwhile
            continue
    return found
