# SPDX-License-Identifier: Apache-2.0
"""/openapi.json against the server that serves it: what it says is so, and it says everything."""

import copy
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import requests
import schemathesis

import pictures
from served import PATIENCE_S, SAMPLES, served

HERE = pathlib.Path(__file__).resolve().parent
EXAMPLES = int(os.environ.get("OPENAPI_EXAMPLES", "20"))  # of each operation and phase
MINUTES_MAX = 15
# Those of every answer, which no document lists.
GENERAL_HEADERS = {"content-type", "content-length", "date", "connection", "content-encoding",
                   "vary", "x-content-type-options"}


def strict(schema):
    """A copy in which an object has the members that are listed and no others."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return copy.deepcopy(schema)
    made = {name: strict(value) for name, value in schema.items()}
    if made.get("type") == "object" and "properties" in made:
        made.setdefault("additionalProperties", False)
    return made


class OpenApi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.served = served()
        cls.url = "http://" + cls.served.http
        cls.document = requests.get(cls.url + "/openapi.json", timeout=PATIENCE_S).json()
        # What a client sends may have more members than we know; what we answer may not.
        answers = {name: schema for name, schema in cls.document["components"]["schemas"].items()
                   if name not in ("InferRequest", "RepositoryQuery", "RepositoryLoad", "Tensor")}
        cls.strict = copy.deepcopy(cls.document)
        cls.strict["components"]["schemas"].update(strict(answers))

    def schemathesis(self, key, *options):
        """Every check on every phase; what it found fails the test with how to repeat it."""
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "openapi.json"
            file.write_text(json.dumps(self.strict))
            done = subprocess.run(
                [pathlib.Path(sys.executable).parent / "schemathesis", "--config-file",
                 HERE / "schemathesis.toml", "run", file, "--url", self.url, "--checks", "all",
                 "--mode", "all", "--max-examples", str(EXAMPLES), "--generation-deterministic",
                 "--continue-on-failure", "--no-color", "--warnings", "off",
                 "--generation-with-security-parameters", "false",
                 "--header", "X-API-Key: " + key, *options],
                cwd=folder, capture_output=True, text=True, timeout=60 * MINUTES_MAX, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_schemathesis_finds_nothing_in_reading_and_running(self):
        self.schemathesis(self.served.keys["plant"], "--exclude-path-regex", "load$")

    def test_schemathesis_finds_nothing_in_loading(self):
        try:
            self.schemathesis(self.served.keys["manager"], "--include-path-regex", "load$")
        finally:
            requests.post(self.url + "/v2/repository/models/line-3/load", timeout=PATIENCE_S,
                          headers={"X-API-Key": self.served.keys["manager"]})

    def test_every_kind_of_answer_is_as_the_document_says(self):
        schema = schemathesis.openapi.from_dict(self.strict)
        for method, path, values, named in self.calls():
            with self.subTest(f"{method} {path}"):
                answer = requests.request(method, self.url + path.format(**values),
                                          timeout=PATIENCE_S, **named)
                self.assertEqual(answer.status_code, 200, answer.text[:300])
                operation = schema[path][method]
                operation.validate_response(answer)
                documented = operation.definition.raw["responses"]["200"].get("headers", {})
                unknown = {name.lower() for name in answer.headers} - GENERAL_HEADERS - {
                    name.lower() for name in documented}
                self.assertEqual(unknown, set())
                content = operation.definition.raw["responses"]["200"].get("content")
                if content:
                    self.assertIn(answer.headers["Content-Type"], content)

    def calls(self):
        """One call or more of each operation: method, path, what stands in it, and the rest."""
        plant = {"headers": {"X-API-Key": self.served.keys["plant"]}}
        manager = {"headers": {"X-API-Key": self.served.keys["manager"]}}
        raw = {"headers": {**plant["headers"], "Inference-Header-Content-Length": "0"}}
        body = {"data": SAMPLES[0].read_bytes()}
        for path in ("/v2", "/v2/health/live", "/v2/health/ready", "/openapi.json"):
            yield "GET", path, {}, {}
        for path in ("/v2/models", "/v2/models/stats"):
            yield "GET", path, {}, plant
        yield "POST", "/v2/repository/index", {}, {**plant, "json": {"ready": True}}
        for path in ("/v2/models/{model}", "/v2/models/{model}/versions/{version}"):
            for model in ("line-3", "line-3.detect"):
                there = {"model": model, "version": 1}
                for last in ("", "/ready", "/config", "/stats"):
                    yield "GET", path + last, there, plant
            yield "POST", path + "/infer", there, {**raw, **body}
            yield "POST", path + "/infer", {"model": "batches", "version": 1}, self.tensors()
            path = path.replace("/v2", "/v1") + "/detect"
            there = {"model": "line-3", "version": 1}
            yield "POST", path, there, {**plant, **body}
            yield "POST", path, there, {**plant, **body, "params": {"annotate": "1"}}
            yield "POST", path, there, {**plant, "files": {"a": body["data"], "b": b"none"}}
        for last in ("unload", "load"):
            yield "POST", "/v2/repository/models/{model}/" + last, {"model": "line-3"}, manager

    def tensors(self):
        """A request in JSON."""
        given = {"name": "images", "datatype": "FP32", "shape": [1, 3, 64, 64],
                 "data": pictures.tensor().ravel().tolist()}
        return {"headers": {"X-API-Key": self.served.keys["city"]}, "json": {"inputs": [given]}}

    def test_a_limit_says_when_to_come_back_and_what_is_left(self):
        schema = schemathesis.openapi.from_dict(self.strict)
        key = {"X-API-Key": self.served.keys["plant"]}
        with self.served.only_frames("plant", 0):
            for path, more in (("/v1/models/{model}/detect", {}),
                               ("/v2/models/{model}/infer",
                                {"Inference-Header-Content-Length": "0"})):
                with self.subTest(path):
                    model = "line-3" if path.startswith("/v1") else "line-3.detect"
                    answer = requests.post(self.url + path.format(model=model),
                                           SAMPLES[0].read_bytes(), headers={**key, **more},
                                           timeout=PATIENCE_S)
                    self.assertEqual(answer.status_code, 429)
                    schema[path]["POST"].validate_response(answer)
                    self.assertGreater(int(answer.headers["Retry-After"]), 0)
                    self.assertIn(";r=0", answer.headers["RateLimit"])

    def test_every_path_that_the_document_has_is_called_above(self):
        called = {(method, path) for method, path, _, _ in self.calls()}
        listed = {(method.upper(), path) for path, item in self.document["paths"].items()
                  for method in item}
        self.assertEqual(called, listed)


if __name__ == "__main__":
    unittest.main(verbosity=2)
