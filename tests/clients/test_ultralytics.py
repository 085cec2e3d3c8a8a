# SPDX-License-Identifier: Apache-2.0
"""ultralytics, unmodified, with a model that a gateway serves: its detections and ours."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import tritonclient.grpc
import tritonclient.http
from tritonclient.grpc.auth import BasicAuth as GrpcBasicAuth
from tritonclient.http.auth import BasicAuth as HttpBasicAuth
from ultralytics import YOLO

import pictures
from documents import blocks, commands, free_port, here, until
from served import PATIENCE_S, SAMPLES, detected, served


@contextlib.contextmanager
def keyed(module, plugin):
    """Within it, each client of a transport is made with plant's key, as docs/clients.md says."""
    plain = module.InferenceServerClient

    class Keyed(plain):
        def __init__(self, *arguments, **named):
            super().__init__(*arguments, **named)
            self.register_plugin(plugin("", served().keys["plant"]))

    module.InferenceServerClient = Keyed
    try:
        yield
    finally:
        module.InferenceServerClient = plain


def found_in(result):
    return [(int(which), float(score), *map(float, box)) for which, score, box in
            zip(result.boxes.cls, result.boxes.conf, result.boxes.xyxy)]


class Detections(unittest.TestCase):
    def same(self, url):
        model = YOLO(url, task="detect")
        for picture in SAMPLES:
            result = model.predict(str(picture), verbose=False)[0]
            self.assertEqual(result.names[1], "dent")
            self.assertEqual(pictures.differences(found_in(result), detected(picture)), [],
                             picture.name)

    def test_over_http_are_those_of_the_detect_command_on_every_sample(self):
        with keyed(tritonclient.http, HttpBasicAuth):
            self.same(f"http://{served().http}/line-3")

    def test_over_grpc_are_those_of_the_detect_command_on_every_sample(self):
        with keyed(tritonclient.grpc, GrpcBasicAuth):
            self.same(f"grpc://{served().grpc}/line-3")

    def test_are_none_without_a_key(self):
        with self.assertRaisesRegex(Exception, "a key is needed"):
            YOLO(f"http://{served().http}/line-3", task="detect").predict(str(SAMPLES[0]))


class Documented(unittest.TestCase):
    """The lines of docs/clients.md."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        shutil.copy(SAMPLES[0], self.folder / "part.jpg")
        self.environment = {**os.environ, "KEY": served().keys["plant"],
                            "PATH": f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"}

    def run_here(self, *words):
        done = subprocess.run(words, cwd=self.folder, env=self.environment, text=True,
                              capture_output=True, timeout=PATIENCE_S, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_a_program_gives_its_key_with_the_clients_plug_in(self):
        program, = (block for block in blocks("clients.md", "python") if "ultralytics" in block)
        self.assertIn("[[", self.run_here(sys.executable, "-c", here(program)))

    def test_the_yolo_command_goes_through_a_proxy_that_adds_the_key(self):
        if shutil.which("nginx") is None:
            self.skipTest("there is no nginx here")
        ports = {f"127.0.0.1:{usual}": f"127.0.0.1:{free_port()}" for usual in (8100, 8101)}
        lines = [line for block in blocks("clients.md", "sh") for line, _ in commands(block)
                 if line.startswith("yolo ")]
        self.assertEqual(len(lines), 2)
        with self.proxy(ports):
            for line in lines:
                for usual, port in ports.items():
                    line = line.replace(usual, port)
                with self.subTest(line):
                    self.assertIn("1 dent", self.run_here("bash", "-c", line))

    @contextlib.contextmanager
    def proxy(self, ports):
        """nginx with the configuration of the page, its key and ports put in."""
        block, = blocks("clients.md", "nginx")
        text = here(block).replace("$KEY", self.environment["KEY"])
        for usual, port in ports.items():
            text = text.replace(usual, port)
        (self.folder / "nginx.conf").write_text(text)
        said = (self.folder / "nginx.log").open("wb")
        process = subprocess.Popen(
            ["nginx", "-p", self.folder, "-c", "nginx.conf", "-e", "error.log", "-g",
             f"daemon off; pid {self.folder}/nginx.pid;"], stderr=said)
        try:
            until(lambda: (self.folder / "nginx.pid").exists() or process.poll() is not None)
            self.assertIsNone(process.poll(), (self.folder / "nginx.log").read_text())
            yield
        finally:
            process.terminate()
            process.wait(PATIENCE_S)
            said.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
