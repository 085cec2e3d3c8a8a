#!/usr/bin/env python3
"""Puts the image together: the same bytes from the same commit, whoever does it and where.

    python3 tools/image/build.py [--programs FOLDER] [--out FOLDER]

Needs no root and no container program. --programs takes programs that another preset built, to try
the image out: paths of this machine are in them, and the result is named so.
"""

import argparse
import datetime
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import archives
import check_contents
import contents
import engine as engines
import lock as locks
import oci
import sbom
import tree as trees

ROOT = locks.ROOT
OUT = ROOT / "build" / "image"
OPTIONAL_LAYERS = "own-user,uts-namespace,cgroup-memory,cgroup-pids,cgroup-cpus"
SECOND = 1_000_000_000


def git(*words):
    return subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True,
                          check=True).stdout.strip()


def version():
    text = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    return re.search(r"project\(bulkhead VERSION (\S+)", text)[1]


def build_time():
    """Seconds since 1970: those of SOURCE_DATE_EPOCH, else of the commit."""
    return int(os.environ.get("SOURCE_DATE_EPOCH") or git("log", "-1", "--format=%ct"))


def revision(tried_out):
    modified = tried_out or git("status", "--porcelain", "--untracked-files=no")
    return git("rev-parse", "HEAD") + ("-modified" if modified else "")


def stripped(path):
    with tempfile.TemporaryDirectory() as folder:
        target = pathlib.Path(folder, path.name)
        subprocess.run(["strip", "--strip-all", "--remove-section=.comment", "-o", str(target),
                        str(path)], check=True)
        return target.read_bytes()


def read_programs(folder, tried_out):
    programs = {}
    for name in contents.PROGRAMS:
        if not (folder / name).exists():
            raise contents.ContentsError(f"{folder / name} is missing; `make image` builds it")
        programs[name] = stripped(folder / name)
        if not tried_out and os.fsencode(ROOT) in programs[name]:
            raise contents.ContentsError(f"{name} holds a path of this machine; only the preset "
                                         "`image` builds programs that do not")
    return programs


def header_licenses(lock):
    """The licences of what is compiled in, from the installed packages that it came from."""
    found = {}
    for package in lock.with_role("header"):
        shown = subprocess.run(["dpkg-query", "--show", "--showformat=${Version}", package.name],
                               capture_output=True, text=True, check=False).stdout
        if shown != package.version:
            raise contents.ContentsError(
                f"{package.name} {shown or '(none)'} is installed, and the lock says "
                f"{package.version}; install that one, or run `make image-lock`")
        found[package.name] = pathlib.Path(f"/usr/share/doc/{package.name}/copyright").read_bytes()
    return found


def labels(commit, created):
    titles = {"title": "Bulkhead", "licenses": "Apache-2.0", "version": version(),
              "description": "Serves YOLO models to many tenants, each in an isolated compartment",
              "revision": commit, "created": created}
    return {f"org.opencontainers.image.{key}": value for key, value in titles.items()}


def run_configuration(marks):
    return {
        "User": f"{contents.USER}:{contents.USER}",
        "Env": ["PATH=/usr/bin", f"BULKHEAD_HOME={contents.STATE_FOLDER}",
                f"BULKHEAD_OPTIONAL_LAYERS={OPTIONAL_LAYERS}"],
        "Entrypoint": ["/usr/bin/bulkhead"], "Cmd": ["serve"],
        "WorkingDir": contents.STATE_FOLDER, "Volumes": {contents.STATE_FOLDER: {}},
        "ExposedPorts": {"8000/tcp": {}, "8001/tcp": {}},
        "StopSignal": "SIGTERM", "Labels": marks,
        # Not in OCI's list of fields; container programs that know health checks read it there.
        "Healthcheck": {"Test": ["CMD", "/usr/bin/bulkhead", "health"], "Interval": 10 * SECOND,
                        "Timeout": 5 * SECOND, "StartPeriod": 10 * SECOND, "Retries": 3}}


def assemble(lock, programs, licenses):
    """The trees of the layers, lowest first, and the engine."""
    packages = trees.Packages({
        package.name: trees.Package(archives.fetch(package, lock))
        for package in lock.with_role("library", "files")})
    engine = engines.fetch()
    libraries = contents.Libraries(packages, lock.architecture)
    for name, content in programs.items():
        libraries.add_needs_of(name, content)
    libraries.add_needs_of("libonnxruntime.so.1", engine.library)
    layers = [contents.system_tree(lock, packages, libraries),
              contents.engine_tree(engine, ROOT / "models" / "line-inspection"),
              contents.program_tree(programs, (ROOT / "LICENSE").read_bytes(), licenses)]
    return layers, engine


def build(programs_folder, out, tried_out):
    suite, architecture = archives.this_system()
    lock = locks.read(locks.lock_file(suite, architecture))
    programs = read_programs(programs_folder, tried_out)
    layer_trees, engine = assemble(lock, programs, header_licenses(lock))
    check_contents.check(layer_trees)
    seconds = build_time()
    created = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime(
        "%Y-%m-%dT%H:%M:%SZ")
    commit = revision(tried_out)
    marks = labels(commit, created)
    layers = [oci.layer(tree, seconds) for tree in layer_trees]
    config = oci.encode(oci.config(created, architecture, run_configuration(marks), layers, [
        "Debian packages of the lock", "ONNX Runtime and the model of the first run",
        "Bulkhead's programs"]))
    manifest = oci.encode(oci.manifest(config, layers, marks))
    name = f"localhost/bulkhead:{version()}"
    out.mkdir(parents=True, exist_ok=True)
    (out / "bulkhead.oci.tar").write_bytes(oci.archive(config, manifest, layers, name, seconds))
    (out / "digest").write_text(oci.digest(manifest) + "\n")
    bill = sbom.Bill(name="bulkhead", version=version(), revision=commit, created=created,
                     digest=oci.digest(manifest), suite=suite)
    components = sbom.components(lock, engine, programs, layer_trees[1], version())
    (out / "sbom.cdx.json").write_bytes(sbom.cyclonedx(bill, components))
    (out / "sbom.spdx.json").write_bytes(sbom.spdx(bill, components))
    size = sum(tree.size() for tree in layer_trees)
    print(f"{out / 'bulkhead.oci.tar'}\n  {name}, {oci.digest(manifest)}\n"
          f"  {size / 1e6:.1f} MB unpacked in {sum(len(t.entries) for t in layer_trees)} entries")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--programs", type=pathlib.Path, help="built by another preset")
    parser.add_argument("--out", type=pathlib.Path, default=OUT)
    given = parser.parse_args()
    try:
        build((given.programs or OUT / "programs" / "bin").resolve(), given.out.resolve(),
              given.programs is not None)
    except (contents.ContentsError, locks.LockError, check_contents.Unwanted) as error:
        raise SystemExit(f"image: {error}") from error


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    main()
