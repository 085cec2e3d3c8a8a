"""ONNX Runtime as the image has it: always the wheel that tools/onnxruntime.txt pins."""

import platform
import re
import subprocess
import tempfile
import zipfile
import pathlib

import archives
import lock as locks

PIN_FILE = locks.ROOT / "tools" / "onnxruntime.txt"
CACHE = locks.ROOT / ".deps" / "image" / "onnxruntime"
LICENSES = ("LICENSE", "ThirdPartyNotices.txt")


class Engine:
    def __init__(self, version, wheel):
        self.version = version
        self.wheel_sha256 = archives.sha256_of(wheel.read_bytes())
        with zipfile.ZipFile(wheel) as archive:
            names = archive.namelist()
            library = next(name for name in names if "/libonnxruntime.so." in name)
            self.library = archive.read(library)
            self.licenses = {name: archive.read(f"onnxruntime/{name}") for name in LICENSES}


def pins():
    """(version, the hashes of its wheels)."""
    text = PIN_FILE.read_text(encoding="utf-8")
    version = re.search(r"^onnxruntime==(\S+)", text, re.MULTILINE)
    return version[1], set(re.findall(r"--hash=sha256:([0-9a-f]{64})", text))


def fetch():
    version, hashes = pins()
    for path in CACHE.glob("*.whl"):
        if archives.sha256_of(path.read_bytes()) in hashes:
            return Engine(version, path)
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["python3", "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
             "--no-deps", "--require-hashes", "--only-binary=:all:", "--implementation", "cp",
             "--python-version", "3.11", "--abi", "cp311", "--platform",
             f"manylinux_2_28_{platform.machine()}", "-r", str(PIN_FILE), "-d", folder],
            capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise locks.LockError(f"onnxruntime {version} could not be fetched:\n{done.stderr}")
        wheel = next(pathlib.Path(folder).glob("*.whl"))
        kept = CACHE / wheel.name
        archives.keep(kept, wheel.read_bytes())
    return Engine(version, kept)
