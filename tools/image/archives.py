"""Where Debian's packages come from, and the files that the lock names."""

import hashlib
import os
import pathlib
import subprocess
import urllib.error
import urllib.request

import lock as locks

# Downloads stay beside those of tools/setup.
CACHE = locks.ROOT / ".deps" / "image" / "packages"
PUBLIC = {"debian": "https://deb.debian.org/debian/",
          "debian-security": "https://deb.debian.org/debian-security/"}
# Keeps every version that there ever was.
SNAPSHOT = "https://snapshot.debian.org/archive/{archive}/{time}/{path}"
LABELS = {"Debian": "debian", "Debian-Security": "debian-security"}


def this_system():
    """(release, architecture) of the machine, as Debian names them."""
    values = {}
    for line in pathlib.Path("/etc/os-release").read_text().splitlines():
        key, _, value = line.partition("=")
        values[key] = value.strip('"')
    if values.get("ID") != "debian" or "VERSION_CODENAME" not in values:
        raise SystemExit("image: the image is built on Debian, whose libraries it takes along")
    architecture = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True,
                                  check=True).stdout.strip()
    return values["VERSION_CODENAME"], architecture


def sites():
    """The archives of this system's apt sources, or Debian's own."""
    found = dict(PUBLIC)
    listed = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(LABEL)"],
                            capture_output=True, text=True, check=False).stdout
    for line in reversed(listed.splitlines()):
        site, _, label = line.partition(" ")
        if label in LABELS:
            found[LABELS[label]] = site
    return found


def sha256_of(content):
    return hashlib.sha256(content).hexdigest()


def addresses(package, lock):
    archive, _, path = package.path.partition("/")
    yield sites()[archive] + path
    yield SNAPSHOT.format(archive=archive, time=lock.resolved, path=path)


def fetch(package, lock):
    """The .deb that the lock names, from the cache, the archive or the snapshot of its day."""
    cached = CACHE / f"{package.sha256}.deb"
    if cached.exists() and sha256_of(cached.read_bytes()) == package.sha256:
        return cached
    refusals = []
    for address in addresses(package, lock):
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:
                content = answer.read()
        except (urllib.error.URLError, OSError) as error:
            refusals.append(f"  {address}: {error}")
            continue
        if sha256_of(content) != package.sha256:
            refusals.append(f"  {address}: not the file that the lock names")
            continue
        keep(cached, content)
        return cached
    raise locks.LockError(f"{package.name} {package.version} could not be fetched:\n"
                          + "\n".join(refusals) + "\n`make image-lock` takes what there is now")


def keep(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}")
    partial.write_bytes(content)
    partial.rename(path)
