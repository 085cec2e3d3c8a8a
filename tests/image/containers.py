"""Containers of the image under podman, with the flags that it promises to run under."""

import contextlib
import json
import os
import pathlib
import re
import subprocess
import tarfile
import time
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
PATIENCE_S = 120
NAME = "localhost/bulkhead-test"
# What docs/image.md tells everybody to use.
PROMISED = ["--read-only", "--cap-drop=all", "--security-opt=no-new-privileges", "--network=none"]


def podman(*words, check=True, **more):
    """PODMAN may be a whole command, where the machine wants another runtime or cgroup manager."""
    command = os.environ.get("PODMAN", "podman").split()
    done = subprocess.run([*command, *words], capture_output=True, text=True, check=False,
                          timeout=PATIENCE_S, **more)
    if check and done.returncode != 0:
        raise AssertionError(f"podman {' '.join(words)}: {done.stdout}{done.stderr}")
    return done


def run_flags():
    return [*PROMISED, *os.environ.get("PODMAN_RUN_FLAGS", "").split()]


def load(archive):
    """The image of the archive, under a name of the tests' own; its id."""
    done = podman("load", "--input", str(archive))
    loaded = re.search(r"Loaded image: (\S+)", done.stdout)[1]
    podman("tag", loaded, NAME)
    return NAME


def run_once(*words, flags=(), **more):
    """A container that ends by itself: status, output and log."""
    return podman("run", "--rm", *run_flags(), *flags, *words, check=False, **more)


class Container:
    """`bulkhead serve` in a container of its own, with a volume that goes with it."""

    def __init__(self, *words, flags=()):
        self.name = "bulkhead-test-" + uuid.uuid4().hex[:8]
        podman("run", "--detach", "--name", self.name, *run_flags(), *flags, NAME, *words)

    def log(self):
        done = podman("logs", self.name)
        return done.stdout + done.stderr

    def until(self, pattern):
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            found = re.search(pattern, self.log())
            if found:
                return found
            if not self.state()["Running"]:
                break
            time.sleep(0.02)
        raise AssertionError(f"{pattern} was not said:\n{self.log()}")

    def state(self):
        return json.loads(podman("inspect", self.name, "--format", "{{json .State}}").stdout)

    def bulkhead(self, *words, check=True):
        return podman("exec", self.name, "/usr/bin/bulkhead", *words, check=check)

    def command(self, *words):
        return json.loads(self.bulkhead(*words, "--json").stdout)

    def beside(self, script, *words, data=b""):
        """A Python program of this machine on the container's network."""
        pid = str(self.state()["Pid"])
        done = subprocess.run(["nsenter", "--target", pid, "--net", "python3", "-c", script,
                               *words], input=data, capture_output=True, check=True,
                              timeout=PATIENCE_S)
        return json.loads(done.stdout)

    def leave_behind(self, seconds):
        """A process in the container whose parent is gone."""
        subprocess.run(["nsenter", "--target", str(self.state()["Pid"]), "--pid", "sh", "-c",
                        f"sleep {seconds} & exit 0"], check=True)

    def children(self):
        """The names of its first process's children, the dead among them."""
        pid = self.state()["Pid"]
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as listed:
            children = listed.read().split()
        names = []
        for child in children:
            with contextlib.suppress(FileNotFoundError):
                with open(f"/proc/{child}/comm", encoding="utf-8") as name:
                    names.append(name.read().strip())
        return names

    def stop(self):
        """The exit status; 137 when it had to be killed."""
        podman("stop", "--time", "60", self.name)
        return self.state()["ExitCode"]

    def remove(self):
        podman("rm", "--force", "--volumes", "--time", "5", self.name, check=False)


def until(what, condition):
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("not in time: " + what)


def file_list(image):
    """[(path, member of a tar)] of everything in the image."""
    name = "bulkhead-test-" + uuid.uuid4().hex[:8]
    podman("create", "--name", name, image)
    try:
        command = [*os.environ.get("PODMAN", "podman").split(), "export", name]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as exported:
            with tarfile.open(fileobj=exported.stdout, mode="r|") as archive:
                return [("/" + member.name, member) for member in archive]
    finally:
        podman("rm", "--force", "--volumes", name, check=False)
