"""The lock: which Debian packages the image is made of, to the byte.

One line per package: name, version, architecture, source package, its version, role, SHA-256 of
the .deb, and where archives keep it. Roles are those of deploy/image/packages.txt. Read from files
that people edit, so every field is checked.
"""

import dataclasses
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy" / "image"
ROLES = ("library", "files", "header")
HEAD = re.compile(r"# bulkhead image lock 1 suite=([a-z]+) architecture=([a-z0-9]+) "
                  r"resolved=(\d{8}T\d{6}Z)")
FIELDS = {
    "name": re.compile(r"[a-z0-9][a-z0-9+.-]+"),
    "version": re.compile(r"(\d+:)?\d[A-Za-z0-9.+~-]*"),
    "architecture": re.compile(r"[a-z0-9]+"),
    "source": re.compile(r"[a-z0-9][a-z0-9+.-]+"),
    "source_version": re.compile(r"(\d+:)?\d[A-Za-z0-9.+~-]*"),
    "role": re.compile("|".join(ROLES)),
    "sha256": re.compile(r"[0-9a-f]{64}"),
    "path": re.compile(r"(debian|debian-security)/pool/[A-Za-z0-9_.+~%/-]+\.deb"),
}


class LockError(Exception):
    """The lock cannot be used; the text says where and why."""


@dataclasses.dataclass(frozen=True, order=True)
class Package:
    name: str
    version: str
    architecture: str
    source: str
    source_version: str
    role: str
    sha256: str
    path: str

    @property
    def file_name(self):
        return self.path.rsplit("/", 1)[1]


@dataclasses.dataclass(frozen=True)
class Lock:
    suite: str
    architecture: str
    resolved: str  # as snapshot.debian.org writes a time
    packages: tuple

    def with_role(self, *roles):
        return [package for package in self.packages if package.role in roles]


def lock_file(suite, architecture):
    return FOLDER / f"{suite}-{architecture}.lock"


def parse(text, name="lock"):
    lines = text.splitlines()
    head = HEAD.fullmatch(lines[0]) if lines else None
    if not head:
        raise LockError(f"{name}:1: the first line is not that of a lock; run `make image-lock`")
    packages = []
    for number, line in enumerate(lines[1:], 2):
        if line and not line.startswith("#"):
            packages.append(parse_line(line, f"{name}:{number}", head[2]))
    names = [package.name for package in packages]
    if names != sorted(set(names)):
        raise LockError(f"{name}: packages are not in order, or one stands there twice")
    if not packages:
        raise LockError(f"{name}: no package")
    return Lock(*head.groups(), tuple(packages))


def parse_line(line, where, architecture):
    words = line.split(" ")
    if len(words) != len(FIELDS):
        raise LockError(f"{where}: {len(words)} words; {len(FIELDS)} make a package")
    for (field, pattern), word in zip(FIELDS.items(), words):
        if not pattern.fullmatch(word) or ".." in word:
            raise LockError(f"{where}: {word!r} is no {field}")
    package = Package(*words)
    if package.architecture not in (architecture, "all"):
        raise LockError(f"{where}: {package.name} is for {package.architecture}")
    return package


def render(lock):
    head = (f"# bulkhead image lock 1 suite={lock.suite} architecture={lock.architecture} "
            f"resolved={lock.resolved}")
    lines = [" ".join(dataclasses.astuple(package)) for package in sorted(lock.packages)]
    return "\n".join([head, *lines]) + "\n"


def read(path):
    try:
        return parse(path.read_text(encoding="utf-8"), path.name)
    except OSError as error:
        raise LockError(f"{path.name}: {error.strerror}; `make image-lock` makes it") from error
    except UnicodeDecodeError as error:
        raise LockError(f"{path.name}: not a text") from error


def wanted(text, suite):
    """[(role or "without", name)] of deploy/image/packages.txt for one release."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if len(words) not in (2, 3) or words[0] not in (*ROLES, "without"):
            raise LockError(f"packages.txt:{number}: not ROLE PACKAGE [RELEASE]")
        if len(words) == 2 or words[2] == suite:
            found.append((words[0], words[1]))
    return found
