#!/usr/bin/env python3
"""Signs and verifies what `make image` wrote.

    python3 tools/image/sign.py sign --key SECRET-KEY [--folder FOLDER]
    python3 tools/image/sign.py verify --key PUBLIC-KEY [--folder FOLDER]

The list of hashes, SHA256SUMS, is what is signed: by minisign (SHA256SUMS.minisig), or with
--with cosign by cosign (SHA256SUMS.cosign). Exit status of verify: 0 everything is as it was
signed, 1 it is not, or that cannot be told.
"""

import argparse
import io
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile

import archives
import lock as locks

FILES = ("bulkhead.oci.tar", "digest", "sbom.cdx.json", "sbom.spdx.json")
SUMS = "SHA256SUMS"
LINE = re.compile(r"([0-9a-f]{64})  ([a-z0-9.]+)")
PROGRAMS = {"minisign": "apt-get install minisign", "cosign": "see docs.sigstore.dev"}


class Refused(Exception):
    """Not signed, or not verified; the text says why."""


def run(*command):
    """Reads passphrases from the terminal, as the programs do."""
    if not shutil.which(command[0]):
        raise Refused(f"{command[0]} is missing ({PROGRAMS[command[0]]})")
    if subprocess.run(command, check=False).returncode != 0:
        raise Refused(f"{command[0]} refused")


def manifest_digest(archive_bytes):
    """What the archive says of itself, held against the manifest that it holds."""
    try:
        with tarfile.open(fileobj=io.BytesIO(archive_bytes)) as archive:
            index = json.loads(archive.extractfile("index.json").read())
            digest = index["manifests"][0]["digest"]
            manifest = archive.extractfile("blobs/" + digest.replace(":", "/")).read()
    except (tarfile.TarError, OSError, KeyError, IndexError, TypeError, ValueError) as error:
        raise Refused(f"bulkhead.oci.tar is no image: {error}") from error
    if "sha256:" + archives.sha256_of(manifest) != digest:
        raise Refused("the image's manifest is not the one that its index names")
    return digest


def check_digest(folder):
    said = (folder / "digest").read_text(encoding="utf-8").strip()
    found = manifest_digest((folder / "bulkhead.oci.tar").read_bytes())
    if said != found:
        raise Refused(f"the image is {found}, and its digest file says {said}")
    return found


def sign(folder, key, program):
    digest = check_digest(folder)
    sums = folder / SUMS
    sums.write_text("".join(f"{archives.sha256_of((folder / name).read_bytes())}  {name}\n"
                            for name in FILES))
    if program == "minisign":
        run("minisign", "-S", "-s", str(key), "-m", str(sums), "-x", f"{sums}.minisig",
            "-t", f"bulkhead image {digest}")
    else:
        run("cosign", "sign-blob", "--yes", "--key", str(key), "--bundle", f"{sums}.cosign",
            str(sums))
    return digest


def verify(folder, key, program):
    sums = folder / SUMS
    # First the signature: nothing that is not signed is read.
    if program == "minisign":
        run("minisign", "-V", "-q", "-p", str(key), "-m", str(sums), "-x", f"{sums}.minisig")
    else:
        run("cosign", "verify-blob", "--key", str(key), "--bundle", f"{sums}.cosign", str(sums))
    named = {}
    for line in sums.read_text(encoding="utf-8").splitlines():
        found = LINE.fullmatch(line)
        if not found:
            raise Refused(f"{SUMS} has a line that is none: {line!r}")
        named[found[2]] = found[1]
    if set(named) != set(FILES):
        raise Refused(f"{SUMS} names other files than an image's")
    for name, digest in named.items():
        if archives.sha256_of((folder / name).read_bytes()) != digest:
            raise Refused(f"{name} is not the file that was signed")
    return check_digest(folder)


def main(words):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("action", choices=("sign", "verify"))
    parser.add_argument("--key", required=True)
    parser.add_argument("--with", dest="program", choices=tuple(PROGRAMS), default="minisign")
    parser.add_argument("--folder", type=pathlib.Path, default=locks.ROOT / "build" / "image")
    given = parser.parse_args(words)
    try:
        digest = (sign if given.action == "sign" else verify)(given.folder, given.key,
                                                              given.program)
    except (Refused, OSError) as error:
        print(f"image-{given.action}: {error}", file=sys.stderr)
        return 1
    print(f"{'signed' if given.action == 'sign' else 'verified'}: {digest}")
    return 0


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.exit(main(sys.argv[1:]))
