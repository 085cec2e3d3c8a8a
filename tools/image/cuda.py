#!/usr/bin/env python3
"""The CUDA/TensorRT variant of the image: its pins, their check, and its build.

    python3 tools/image/cuda.py check    whether pins and Containerfile are sound and agree
    python3 tools/image/cuda.py fill [--tensorrt VERSION TAG]    digests from NVIDIA's registry
    python3 tools/image/cuda.py build    needs buildah, `make image`, and that nothing is UNFILLED

Nobody has built it yet: docs/hardware.md says what was run.
"""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

import archives
import contents
import engine
import lock as locks

PINS = locks.FOLDER / "cuda.pins"
CONTAINERFILE = locks.FOLDER / "Containerfile.cuda"
UNFILLED = "UNFILLED"
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
# What `build` itself knows.
GIVEN = {"BULKHEAD_IMAGE", "BULKHEAD_DIGEST"}
SHAPES = {"_SHA256": re.compile(r"[0-9a-f]{64}"), "_DIGEST": DIGEST,
          "_VERSION": re.compile(r"\d+(\.\d+)+"), "_MAJOR": re.compile(r"\d+"),
          "_IMAGE": re.compile(r"nvcr\.io/nvidia/[a-z]+"),
          "_TAG": re.compile(r"[a-z0-9][a-z0-9.-]+"),
          "_WHEEL": re.compile(r"onnxruntime_gpu-[A-Za-z0-9_.-]+\.whl")}
PROVIDERS = ("libonnxruntime_providers_shared.so", "libonnxruntime_providers_cuda.so",
             "libonnxruntime_providers_tensorrt.so")


class PinError(Exception):
    """The variant cannot be built from these pins; the text says why."""


def parse(text):
    pins = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        shape = next((shape for end, shape in SHAPES.items() if name.endswith(end)), None)
        if not equals or shape is None or name in pins:
            raise PinError(f"cuda.pins:{number}: not NAME=VALUE of a known kind, or there twice")
        if value != UNFILLED and not shape.fullmatch(value):
            raise PinError(f"cuda.pins:{number}: {value!r} is no value for {name}")
        pins[name] = value
    return pins


def disagreements(pins, cpu_version):
    """Pins that contradict each other or the CPU image's ONNX Runtime."""
    filled = {name: value for name, value in pins.items() if value != UNFILLED}

    def expect(condition, text):
        return [] if condition else [text]

    found = expect(pins["ONNXRUNTIME_VERSION"] == cpu_version,
                   f"ONNX Runtime is {pins['ONNXRUNTIME_VERSION']} here and {cpu_version} in "
                   "tools/onnxruntime.txt")
    found += expect(f"-{pins['ONNXRUNTIME_VERSION']}-" in pins["ONNXRUNTIME_WHEEL"],
                    "the wheel is of another release than ONNXRUNTIME_VERSION")
    for part in ("CUDA", "CUDNN"):
        major = pins[f"{part}_VERSION"].split(".")[0]
        found += expect(major == pins[f"ONNXRUNTIME_{part}_MAJOR"],
                        f"ONNX Runtime wants {part} {pins[f'ONNXRUNTIME_{part}_MAJOR']}, and "
                        f"{part}_VERSION is {major}")
    found += expect(pins["CUDA_TAG"].startswith(pins["CUDA_VERSION"] + "-cudnn-"),
                    "CUDA_TAG is no image of CUDA_VERSION with cuDNN")
    places = [filled.get(f"TENSORRT_{part}") for part in ("VERSION", "TAG", "DIGEST")]
    found += expect(all(places) or not places[2], "TENSORRT_DIGEST is filled without its tag")
    return found


def instructions(text):
    """[(word, rest)], comments away and continued lines joined."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [tuple(line.split(None, 1)) for line in joined.splitlines() if line.strip()]


def lint(text, pins):
    """What a Containerfile of ours must not do."""
    stages, found, user = [], [], ""
    for word, rest in instructions(text):
        if word == "FROM":
            if not re.fullmatch(r"\$\{[A-Z]+_IMAGE\}@\$\{[A-Z]+_DIGEST\}( AS [a-z]+)?", rest):
                found.append(f"FROM {rest}: only an image by its digest, from cuda.pins")
            stages.append(rest.partition(" AS ")[2])
        elif word == "COPY":
            source = re.match(r"--from=(\S+) ", rest)
            if source and source[1] not in stages:
                found.append(f"COPY {rest}: no stage of that name")
        elif word == "ARG":
            if rest not in pins and rest not in GIVEN:
                found.append(f"ARG {rest}: not in cuda.pins, or a value that belongs there")
        elif word == "USER":
            user = rest
        elif word not in ("LABEL", "ENV"):
            found.append(f"{word}: may not be here; the variant adds files to the CPU image and "
                         "runs nothing")
    if user != f"{contents.USER}:{contents.USER}":
        found.append(f"the last USER must be {contents.USER}:{contents.USER}")
    if not stages or stages[-1]:
        found.append("the last stage is the image; it has no name")
    arguments = {rest for word, rest in instructions(text) if word == "ARG"}
    found += [f"{name} is pinned and not used" for name in pins
              if name.endswith(("_DIGEST", "_VERSION")) and name not in arguments]
    return found


def check():
    pins = parse(PINS.read_text(encoding="utf-8"))
    found = disagreements(pins, engine.pins()[0])
    found += lint(CONTAINERFILE.read_text(encoding="utf-8"), pins)
    if found:
        raise PinError("\n  ".join(["cuda.pins and Containerfile.cuda:", *found]))
    return pins


def unfilled(pins):
    return [name for name, value in pins.items() if value == UNFILLED]


def replaced(text, name, value):
    return re.sub(rf"^{name}=.*$", f"{name}={value}", text, flags=re.MULTILINE)


def fill(tensorrt):
    """Digests of the pinned tags, as the registry gives them now."""
    if not shutil.which("skopeo"):
        raise PinError("skopeo is missing; run: apt-get install skopeo")
    text = PINS.read_text(encoding="utf-8")
    if tensorrt:
        text = replaced(text, "TENSORRT_VERSION", tensorrt[0])
        text = replaced(text, "TENSORRT_TAG", tensorrt[1])
    pins = parse(text)
    for part in ("CUDA", "TENSORRT"):
        if pins[f"{part}_TAG"] == UNFILLED:
            raise PinError(f"{part}_TAG is UNFILLED; name it: --tensorrt VERSION TAG")
        place = f"docker://{pins[f'{part}_IMAGE']}:{pins[f'{part}_TAG']}"
        done = subprocess.run(["skopeo", "inspect", "--override-arch", "amd64", "--override-os",
                               "linux", "--format", "{{.Digest}}", place],
                              capture_output=True, text=True, check=False)
        digest = done.stdout.strip()
        if done.returncode != 0 or not DIGEST.fullmatch(digest):
            raise PinError(f"{place}: {done.stderr.strip() or digest}")
        text = replaced(text, f"{part}_DIGEST", digest)
    parse(text)
    PINS.write_text(text, encoding="utf-8")


def fetch_engine(pins, folder):
    """The wheel's libraries, checked by its hash, below `folder`/onnxruntime."""
    with tempfile.TemporaryDirectory() as downloads:
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
                        "--only-binary=:all:", "--implementation", "cp", "--python-version",
                        "3.11", "--abi", "cp311", "--platform", "manylinux_2_28_x86_64",
                        f"onnxruntime-gpu=={pins['ONNXRUNTIME_VERSION']}", "-d", downloads],
                       check=True)
        wheel = pathlib.Path(downloads, pins["ONNXRUNTIME_WHEEL"])
        if archives.sha256_of(wheel.read_bytes()) != pins["ONNXRUNTIME_SHA256"]:
            raise PinError(f"{wheel.name} is not the pinned one")
        target = folder / "onnxruntime"
        target.mkdir()
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                stem = pathlib.Path(name).name
                if stem.startswith("libonnxruntime.so."):
                    (target / "libonnxruntime.so.1").write_bytes(archive.read(name))
                elif stem in PROVIDERS:
                    (target / stem).write_bytes(archive.read(name))


def build():
    pins = check()
    if unfilled(pins):
        raise PinError(f"{', '.join(unfilled(pins))} in cuda.pins: nobody has looked them up yet; "
                       "`python3 tools/image/cuda.py fill` does it where NVIDIA's registry can be "
                       "reached")
    out = locks.ROOT / "build" / "image"
    values = {**pins, "BULKHEAD_IMAGE": "localhost/bulkhead",
              "BULKHEAD_DIGEST": (out / "digest").read_text().strip()}
    with tempfile.TemporaryDirectory() as folder:
        fetch_engine(pins, pathlib.Path(folder))
        words = [f"--build-arg={name}={value}" for name, value in sorted(values.items())]
        subprocess.run(["buildah", "build", "--file", str(CONTAINERFILE), "--format", "oci",
                        "--timestamp", str(0), "--tag", "localhost/bulkhead-cuda", *words, folder],
                       check=True)


def main(words):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("action", choices=("check", "fill", "build"))
    parser.add_argument("--tensorrt", nargs=2, metavar=("VERSION", "TAG"))
    given = parser.parse_args(words)
    try:
        if given.action == "check":
            left = unfilled(check())
            print("the pins agree" + (f"; not looked up yet: {', '.join(left)}" if left else ""))
        elif given.action == "fill":
            fill(given.tensorrt)
        else:
            build()
    except (PinError, OSError, subprocess.CalledProcessError) as error:
        print(f"image-cuda: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.exit(main(sys.argv[1:]))
