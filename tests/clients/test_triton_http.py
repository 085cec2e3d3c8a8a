# SPDX-License-Identifier: Apache-2.0
"""tritonclient.http, unmodified, against a whole gateway."""

import unittest

import numpy as np
import tritonclient.http as triton
from tritonclient.http.auth import BasicAuth
from tritonclient.utils import InferenceServerException

import pictures
from served import SAMPLES, detected, served


def images(batch=1, binary=True):
    given = triton.InferInput("images", [batch, 3, pictures.SIDE, pictures.SIDE], "FP32")
    given.set_data_from_numpy(pictures.tensor(batch), binary_data=binary)
    return [given]


def image(picture):
    given = triton.InferInput("image", [1], "BYTES")
    given.set_data_from_numpy(pictures.text(picture))
    return [given]


class TritonHttp(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.served = served()

    def setUp(self):
        self.client = triton.InferenceServerClient(self.served.http, concurrency=4)
        self.addCleanup(self.client.close)

    def key(self, who):
        return {"Authorization": "Bearer " + self.served.keys[who]}

    def refused(self, status, message, call, *arguments, **named):
        """That a call ends as tritonclient ends one: with the status and the message."""
        with self.assertRaises(InferenceServerException) as caught:
            call(*arguments, **named)
        self.assertEqual(caught.exception.status(), str(status), caught.exception)
        self.assertRegex(caught.exception.message(), message)

    def infer(self, *arguments, who="city", **named):
        return self.client.infer(*arguments, headers=self.key(who), **named)


class Describing(TritonHttp):
    def test_the_server_is_live_and_ready_without_a_key(self):
        self.assertTrue(self.client.is_server_live())
        self.assertTrue(self.client.is_server_ready())

    def test_the_server_names_the_extensions_that_it_has(self):
        metadata = self.client.get_server_metadata()
        self.assertEqual(metadata["name"], "bulkhead")
        self.assertEqual(set(metadata["extensions"]),
                         {"binary_tensor_data", "model_configuration", "model_repository",
                          "schedule_policy", "parameters", "statistics"})

    def test_a_model_is_ready_by_name_and_by_version_and_another_is_not(self):
        ready = self.client.is_model_ready
        self.assertTrue(ready("line-3", headers=self.key("plant")))
        self.assertTrue(ready("line-3.detect", "1", headers=self.key("plant")))
        self.assertFalse(ready("line-3", "9", headers=self.key("plant")))
        self.assertFalse(ready("line-3", headers=self.key("city")))

    def test_metadata_and_configuration_name_the_tensors_of_the_graph_and_of_detect(self):
        metadata = self.client.get_model_metadata("batches", headers=self.key("city"))
        self.assertEqual(metadata["inputs"],
                         [{"name": "images", "datatype": "FP32", "shape": [-1, 3, 64, 64]}])
        config = self.client.get_model_config("line-3.detect", headers=self.key("plant"))
        self.assertEqual(config["input"],
                         [{"name": "image", "data_type": "TYPE_STRING", "dims": [1]}])
        self.assertEqual([tensor["name"] for tensor in config["output"]],
                         ["boxes", "scores", "classes"])

    def test_statistics_count_each_inference_that_was_delivered(self):
        def count():
            one = self.client.get_inference_statistics("batches", headers=self.key("city"))
            every = self.client.get_inference_statistics(headers=self.key("city"))
            self.assertEqual(one, every)
            return one["model_stats"][0]["inference_count"]
        before = count()
        self.infer("batches", images(3))
        self.assertEqual(count(), before + 3)

    def test_the_index_lists_the_callers_models_only(self):
        index = self.client.get_model_repository_index(headers=self.key("city"))
        self.assertEqual(index, [{"name": "batches", "version": "1", "state": "READY",
                                  "reason": ""}])

    def test_basic_authentication_is_the_clients_own_plugin(self):
        self.client.register_plugin(BasicAuth("anybody", self.served.keys["plant"]))
        self.assertTrue(self.client.is_model_ready("line-3"))


class Loading(TritonHttp):
    def test_a_key_with_the_scope_unloads_and_loads(self):
        manager = self.key("manager")
        self.client.unload_model("line-3", headers=manager)
        self.assertFalse(self.client.is_model_ready("line-3", headers=manager))
        self.refused(503, "not ready", self.client.infer, "line-3.detect", image(SAMPLES[0]),
                     headers=manager)
        self.client.load_model("line-3", headers=manager)
        self.assertTrue(self.client.is_model_ready("line-3", headers=manager))

    def test_a_key_without_the_scope_is_refused(self):
        self.refused(403, "scopes", self.client.load_model, "line-3", headers=self.key("plant"))

    def test_a_load_brings_neither_a_configuration_nor_files(self):
        load = self.client.load_model
        self.refused(501, "config", load, "line-3", headers=self.key("manager"), config="{}")
        self.refused(501, "config", load, "line-3", headers=self.key("manager"), config="{}",
                     files={"file:1/model.onnx": b"weights"})


class Inferring(TritonHttp):
    def test_binary_and_json_tensors_give_the_same_result_in_every_combination(self):
        expected = self.infer("batches", images()).as_numpy("output0")
        self.assertEqual((expected.shape, expected.dtype), ((1, 6, 84), np.float32))
        for given in (True, False):
            for asked in (True, False):
                outputs = [triton.InferRequestedOutput("output0", binary_data=asked)]
                result = self.infer("batches", images(binary=given), outputs=outputs)
                self.assertEqual("data" in result.get_output("output0"), not asked)
                np.testing.assert_array_equal(result.as_numpy("output0"), expected)

    def test_a_variable_batch_is_taken_and_its_parts_are_those_of_single_pictures(self):
        many = self.infer("batches", images(4)).as_numpy("output0")
        self.assertEqual(many.shape, (4, 6, 84))
        np.testing.assert_array_equal(
            many[:1], self.infer("batches", [self.first_of(4)]).as_numpy("output0"))

    @staticmethod
    def first_of(batch):
        given = triton.InferInput("images", [1, 3, pictures.SIDE, pictures.SIDE], "FP32")
        given.set_data_from_numpy(pictures.tensor(batch)[:1])
        return given

    def test_detect_finds_what_the_detect_command_finds(self):
        for picture in SAMPLES[:4]:
            result = self.infer("line-3.detect", image(picture), who="plant")
            found = zip(result.as_numpy("classes"), result.as_numpy("scores"),
                        result.as_numpy("boxes"))
            actual = [(int(which), float(score), *map(float, box)) for which, score, box in found]
            self.assertEqual(pictures.differences(detected(picture), actual), [], picture.name)

    def test_detect_takes_options_as_parameters(self):
        few = self.infer("line-3.detect", image(SAMPLES[0]), who="plant",
                         parameters={"max_det": 1, "conf": 0.1})
        self.assertEqual(few.as_numpy("boxes").shape, (1, 4))
        self.refused(400, "conf", self.infer, "line-3.detect", image(SAMPLES[0]), who="plant",
                     parameters={"conf": 2})

    def test_detects_outputs_come_as_json_when_asked(self):
        outputs = [triton.InferRequestedOutput(name, binary_data=name == "boxes")
                   for name in ("classes", "boxes")]
        result = self.infer("line-3.detect", image(SAMPLES[0]), who="plant", outputs=outputs)
        names = [output["name"] for output in result.get_response()["outputs"]]
        self.assertEqual(names, ["classes", "boxes"])
        self.assertEqual(result.as_numpy("classes").shape[0], result.as_numpy("boxes").shape[0])

    def test_the_id_and_the_receipt_come_back(self):
        response = self.infer("batches", images(), request_id="frame 7").get_response()
        self.assertEqual((response["id"], response["model_name"], response["model_version"]),
                         ("frame 7", "batches", "1"))
        self.assertTrue(response["parameters"]["receipt"])

    def test_sequences_and_priorities_are_taken_and_change_nothing(self):
        expected = self.infer("batches", images()).as_numpy("output0")
        result = self.infer("batches", images(), sequence_id=7, sequence_start=True,
                            sequence_end=True, priority=1)
        np.testing.assert_array_equal(result.as_numpy("output0"), expected)

    def test_async_infer_answers_each_call_with_its_own_result(self):
        calls = [self.client.async_infer("batches", images(batch), request_id=str(batch),
                                         headers=self.key("city")) for batch in (1, 2, 3, 4)]
        for batch, call in zip((1, 2, 3, 4), calls):
            result = call.get_result()
            self.assertEqual(result.get_response()["id"], str(batch))
            self.assertEqual(result.as_numpy("output0").shape[0], batch)

    def test_bodies_are_compressed_both_ways_with_gzip_and_deflate(self):
        expected = self.infer("batches", images()).as_numpy("output0")
        for coding in ("gzip", "deflate"):
            result = self.infer("batches", images(), request_compression_algorithm=coding,
                                response_compression_algorithm=coding)
            np.testing.assert_array_equal(result.as_numpy("output0"), expected)

    def test_what_the_client_prepares_without_a_connection_is_read(self):
        body, json_bytes = triton.InferenceServerClient.generate_request_body(images())
        answer = self.client._post("v2/models/batches/infer", body,
                                   {"Inference-Header-Content-Length": json_bytes,
                                    **self.key("city")}, None)
        header = int(answer.get("Inference-Header-Content-Length"))
        result = triton.InferenceServerClient.parse_response_body(answer.read(),
                                                                  header_length=header)
        self.assertEqual(result.as_numpy("output0").shape, (1, 6, 84))


class Refusing(TritonHttp):
    def test_no_key_a_wrong_key_and_anothers_model(self):
        self.refused(401, "a key is needed", self.client.infer, "batches", images())
        self.refused(401, "key", self.client.infer, "batches", images(),
                     headers={"X-API-Key": "bh_live_wrong"})
        for who, model in (("plant", "batches"), ("plant", "missing"), ("plant", "missing.detect")):
            self.refused(404, "^no such model$", self.infer, model, images(), who=who)
        self.refused(404, "^no such model$", self.infer, "batches", images(), model_version="7")

    def test_inputs_that_the_model_does_not_have(self):
        wrong = triton.InferInput("pictures", [1, 3, 64, 64], "FP32")
        wrong.set_data_from_numpy(pictures.tensor())
        self.refused(400, "input is named 'images'", self.infer, "batches", [wrong])
        shape = triton.InferInput("images", [1, 3, 32, 128], "FP32")
        shape.set_data_from_numpy(pictures.tensor().reshape(1, 3, 32, 128))
        self.refused(400, "shape", self.infer, "batches", [shape])
        dtype = triton.InferInput("images", [1, 3, 64, 64], "FP64")
        dtype.set_data_from_numpy(pictures.tensor().astype(np.float64))
        self.refused(400, "must be FP32, not FP64", self.infer, "batches", [dtype])
        self.refused(400, "input", self.infer, "batches", images() + [wrong])
        self.refused(400, "output", self.infer, "batches", images(),
                     outputs=[triton.InferRequestedOutput("output9")])

    def test_a_picture_that_is_none(self):
        given = triton.InferInput("image", [1], "BYTES")
        given.set_data_from_numpy(np.array([b"no picture"], dtype=np.object_))
        self.refused(400, "image|picture", self.infer, "line-3.detect", [given], who="plant")

    def test_extensions_that_are_not_served(self):
        classes = [triton.InferRequestedOutput("output0", class_count=3)]
        self.refused(501, "classification", self.infer, "batches", images(), outputs=classes)
        shared = triton.InferInput("images", [1, 3, 64, 64], "FP32")
        shared.set_shared_memory("region", 49152)
        self.refused(501, "shared memory", self.infer, "batches", [shared])

    def test_calls_that_are_not_served(self):
        key = {"headers": self.key("city")}
        client = self.client
        for call, *arguments in (
                (client.get_system_shared_memory_status,),
                (client.register_system_shared_memory, "region", "/key", 64),
                (client.unregister_system_shared_memory, "region"),
                (client.unregister_system_shared_memory,),
                (client.get_cuda_shared_memory_status,),
                (client.register_cuda_shared_memory, "region", b"handle", 0, 64),
                (client.unregister_cuda_shared_memory,),
                (client.get_trace_settings,), (client.get_trace_settings, "batches"),
                (client.update_trace_settings, "batches", {"trace_rate": "1"}),
                (client.update_trace_settings, None, {"trace_rate": "1"}),
                (client.get_log_settings,), (client.update_log_settings, {"log_info": True})):
            with self.subTest(call.__name__, arguments=arguments):
                self.refused(501, "this extension is not supported", call, *arguments, **key)

    def test_a_months_quota_that_is_used_up(self):
        with self.served.only_frames("city", 1):
            self.infer("batches", images())
            self.refused(429, "frames", self.infer, "batches", images())

    def test_a_deadline_that_has_passed(self):
        self.refused(504, "time", self.infer, "line-3.detect", image(SAMPLES[0]), who="plant",
                     timeout=1)

    def test_a_client_that_waits_no_longer_says_so_itself(self):
        hasty = triton.InferenceServerClient(self.served.http, network_timeout=0.001)
        self.addCleanup(hasty.close)
        with self.assertRaisesRegex(Exception, "timed out"):
            hasty.infer("line-3.detect", image(SAMPLES[0]), headers=self.key("plant"))

    def test_a_body_that_is_larger_than_the_limit(self):
        large = triton.InferInput("image", [1], "BYTES")
        large.set_data_from_numpy(np.array([bytes(65 << 20)], dtype=np.object_))
        self.refused(413, "large|bytes", self.infer, "line-3.detect", [large], who="plant")


if __name__ == "__main__":
    unittest.main(verbosity=2)
