#!/usr/bin/env python3
"""The pins of the CUDA variant, and what happens when they stop agreeing."""

import contextlib
import io
import unittest

import cuda
import engine
import lock as locks

PINS = cuda.PINS.read_text()
FILE = cuda.CONTAINERFILE.read_text()
VERSION = engine.pins()[0]


class Committed(unittest.TestCase):
    def test_pins_and_containerfile_agree_with_each_other_and_with_the_adapter(self):
        cuda.check()

    def test_the_build_finds_its_onnx_runtime_by_the_same_pin(self):
        found = (locks.ROOT / "cmake" / "FindOnnxRuntime.cmake").read_text()
        self.assertIn("tools/onnxruntime.txt", found)
        self.assertEqual(cuda.parse(PINS)["ONNXRUNTIME_VERSION"], VERSION)

    def test_what_was_not_looked_up_is_named_and_stops_the_build(self):
        left = cuda.unfilled(cuda.parse(PINS))
        if not left:
            self.skipTest("every place is filled")
        with contextlib.redirect_stderr(io.StringIO()) as said:
            self.assertEqual(cuda.main(["build"]), 1)
        for name in left:
            self.assertIn(name, said.getvalue())


class Disagreeing(unittest.TestCase):
    def found(self, old, new, cpu=VERSION):
        self.assertIn(old, PINS)
        return cuda.disagreements(cuda.parse(PINS.replace(old, new)), cpu)

    def test_another_onnx_runtime_than_the_cpu_images(self):
        self.assertTrue(self.found(f"VERSION={VERSION}", "VERSION=1.0.0"))
        self.assertTrue(cuda.disagreements(cuda.parse(PINS), "1.0.0"))

    def test_another_major_than_onnx_runtime_wants(self):
        self.assertTrue(self.found("CUDA_MAJOR=13", "CUDA_MAJOR=12"))
        self.assertTrue(self.found("CUDNN_MAJOR=9", "CUDNN_MAJOR=8"))

    def test_a_tag_of_another_release(self):
        self.assertTrue(self.found("CUDA_TAG=13.0.1", "CUDA_TAG=13.0.2"))

    def test_a_digest_without_its_tag(self):
        digest = "TENSORRT_DIGEST=sha256:" + "0" * 64
        self.assertTrue(self.found("TENSORRT_DIGEST=UNFILLED", digest))

    def test_values_that_are_none(self):
        for old, new in (("CUDA_DIGEST=UNFILLED", "CUDA_DIGEST=sha256:1"),
                         ("CUDA_DIGEST=UNFILLED", "CUDA_DIGEST=latest"),
                         ("CUDA_VERSION=13.0.1", "CUDA_VERSION=new"),
                         ("CUDA_IMAGE=nvcr.io", "CUDA_IMAGE=example.com"),
                         ("CUDA_TAG=", "CUDA_TAG"), ("CUDNN_VERSION=", "CUDA_VERSION=")):
            with self.assertRaises(cuda.PinError, msg=new):
                cuda.parse(PINS.replace(old, new, 1))


class Lint(unittest.TestCase):
    def found(self, old, new):
        self.assertIn(old, FILE)
        return cuda.lint(FILE.replace(old, new, 1), cuda.parse(PINS))

    def test_the_committed_file_is_clean(self):
        self.assertEqual(cuda.lint(FILE, cuda.parse(PINS)), [])

    def test_each_thing_that_must_not_be_there_is_found(self):
        for old, new in (("${CUDA_IMAGE}@${CUDA_DIGEST}", "ubuntu:24.04"),
                         ("${CUDA_IMAGE}@${CUDA_DIGEST}", "${CUDA_IMAGE}:latest"),
                         ("--from=cuda", "--from=elsewhere"), ("USER 10001:10001", "USER root"),
                         ("USER 10001:10001", ""), ("ENV ", "RUN apt-get install x\nENV "),
                         ("ENV ", "ADD https://example.com/x /\nENV "),
                         ("ENV ", "ENTRYPOINT sh\nENV "), ("ARG CUDA_IMAGE", "ARG CUDA_IMAGE=x"),
                         ("ARG CUDNN_VERSION\n", "")):
            self.assertTrue(self.found(old, new), new)


if __name__ == "__main__":
    unittest.main()
