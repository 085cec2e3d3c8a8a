#!/usr/bin/env python3
"""Writes the lock anew: the newest version of everything in deploy/image/packages.txt.

    python3 tools/image/refresh_lock.py

For the Debian release and the processor of this machine. apt checks the archive's signatures; it
works in a folder of its own and changes nothing of the system. What changed is printed.
"""

import datetime
import pathlib
import subprocess
import sys

import archives
import lock as locks

APT_FOLDER = locks.ROOT / ".deps" / "image" / "apt"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def run(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"image-lock: {' '.join(command[:2])} failed:\n{done.stderr.strip()}")
    return done.stdout


class Apt:
    """apt over the archives of one release and a system on which nothing is installed."""

    def __init__(self, folder, suite, architecture):
        for part in ("lists/partial", "archives/partial"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        (folder / "status").write_text("")
        sites = archives.sites()
        pairs = [("debian", suite), ("debian", f"{suite}-updates"),
                 ("debian-security", f"{suite}-security")]
        (folder / "sources.list").write_text("".join(
            f"deb [signed-by={KEYRING}] {sites[label]} {name} main\n" for label, name in pairs))
        self.options = ["-qq"]
        for key, value in {"Dir::Etc::SourceList": folder / "sources.list",
                           "Dir::Etc::SourceParts": "/dev/null",
                           "Dir::Etc::Preferences": "/dev/null",
                           "Dir::Etc::PreferencesParts": "/dev/null",
                           "Dir::State": folder, "Dir::State::Lists": folder / "lists",
                           "Dir::State::status": folder / "status", "Dir::Cache": folder,
                           "Dir::Cache::Archives": folder / "archives",
                           "APT::Architecture": architecture, "APT::Architectures": architecture,
                           "APT::Install-Recommends": "false", "APT::Sandbox::User": "root",
                           "APT::Update::Error-Mode": "any"}.items():
            self.options += ["-o", f"{key}={value}"]
        run(["apt-get", *self.options, "update"])

    def closure(self, names):
        """The packages that an installation of these would bring, themselves included."""
        listed = run(["apt-get", *self.options, "--print-uris", "--yes", "install", *names])
        return [line.split()[1].split("_")[0] for line in listed.splitlines()
                if line.startswith("'")]

    def newest(self, names):
        """The fields of the versions that would be installed."""
        shown = run(["apt-cache", *self.options, "--no-all-versions", "show", *names])
        for paragraph in shown.strip().split("\n\n"):
            fields = {}
            for line in paragraph.splitlines():
                key, colon, value = line.partition(": ")
                if colon and not line.startswith(" "):
                    fields[key] = value
            yield fields


def package_of(fields, role):
    source, _, version = fields.get("Source", fields["Package"]).partition(" ")
    # The pool of the security archive says of itself that it is one.
    archive = "debian-security" if fields["Filename"].startswith("pool/updates/") else "debian"
    return locks.Package(fields["Package"], fields["Version"], fields["Architecture"], source,
                         version.strip("()") or fields["Version"], role, fields["SHA256"],
                         f"{archive}/{fields['Filename']}")


def resolve(suite, architecture):
    apt = Apt(APT_FOLDER, suite, architecture)
    roles = {}
    wanted = locks.wanted((locks.FOLDER / "packages.txt").read_text(), suite)
    for name in apt.closure([name for role, name in wanted if role == "library"]):
        roles[name] = "library"
    roles.update({name: role for role, name in wanted if role != "library"})
    names = [name for name, role in roles.items() if role != "without"]
    packages = sorted(package_of(fields, roles[fields["Package"]])
                      for fields in apt.newest(names))
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    return locks.Lock(suite, architecture, now, tuple(packages))


def changes(before, after):
    old = {package.name: package.version for package in before}
    new = {package.name: package.version for package in after}
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield f"{name}: {old.get(name, 'not there')} -> {new.get(name, 'gone')}"


def main():
    suite, architecture = archives.this_system()
    path = locks.lock_file(suite, architecture)
    before = locks.read(path).packages if path.exists() else ()
    after = resolve(suite, architecture)
    path.write_text(locks.render(after), encoding="utf-8")
    for line in changes(before, after.packages):
        print(line)
    print(f"{path.relative_to(locks.ROOT)}: {len(after.packages)} packages")


if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).parent))
    main()
