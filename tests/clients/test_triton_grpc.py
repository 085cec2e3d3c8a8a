# SPDX-License-Identifier: Apache-2.0
"""tritonclient.grpc, unmodified, against a whole gateway."""

import queue
import unittest

import grpc
import numpy as np
import tritonclient.grpc as triton
from grpc_health.v1 import health_pb2, health_pb2_grpc
from tritonclient.grpc import service_pb2, service_pb2_grpc
from tritonclient.utils import InferenceServerException

import pictures
from served import PATIENCE_S, SAMPLES, detected, served


def images(batch=1):
    given = triton.InferInput("images", [batch, 3, pictures.SIDE, pictures.SIDE], "FP32")
    given.set_data_from_numpy(pictures.tensor(batch))
    return [given]


def image(picture):
    given = triton.InferInput("image", [1], "BYTES")
    given.set_data_from_numpy(pictures.text(picture))
    return [given]


class TritonGrpc(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.served = served()

    def setUp(self):
        self.client = triton.InferenceServerClient(self.served.grpc)
        self.addCleanup(self.client.close)

    def key(self, who):
        return {"x-api-key": self.served.keys[who]}

    def refused(self, status, message, call, *arguments, **named):
        with self.assertRaises(InferenceServerException) as caught:
            call(*arguments, **named)
        self.assertEqual(caught.exception.status(), "StatusCode." + status, caught.exception)
        self.assertRegex(caught.exception.message(), message)

    def infer(self, *arguments, who="city", **named):
        return self.client.infer(*arguments, headers=self.key(who), **named)


class Describing(TritonGrpc):
    def test_the_server_is_live_and_ready_without_a_key(self):
        self.assertTrue(self.client.is_server_live())
        self.assertTrue(self.client.is_server_ready())
        self.assertEqual(self.client.get_server_metadata().name, "bulkhead")

    def test_the_health_service_of_grpc_says_serving(self):
        with grpc.insecure_channel(self.served.grpc) as channel:
            check = health_pb2_grpc.HealthStub(channel).Check
            answer = check(health_pb2.HealthCheckRequest(service=""), timeout=PATIENCE_S)
        self.assertEqual(answer.status, health_pb2.HealthCheckResponse.SERVING)

    def test_a_model_is_ready_by_name_and_by_version_and_another_does_not_exist(self):
        ready = self.client.is_model_ready
        self.assertTrue(ready("line-3", headers=self.key("plant")))
        self.assertTrue(ready("line-3.detect", "1", headers=self.key("plant")))
        for who, name, version in (("city", "line-3", ""), ("city", "missing", ""),
                                   ("plant", "line-3", "9"), ("plant", "line-3", "x")):
            self.refused("NOT_FOUND", "no such model", ready, name, version,
                         headers=self.key(who))

    def test_metadata_and_configuration_are_those_of_http(self):
        metadata = self.client.get_model_metadata("batches", headers=self.key("city"),
                                                  as_json=True)
        self.assertEqual(metadata["inputs"], [{"name": "images", "datatype": "FP32",
                                               "shape": ["-1", "3", "64", "64"]}])
        config = self.client.get_model_config("line-3", headers=self.key("plant")).config
        self.assertEqual([(t.name, list(t.dims)) for t in config.output],
                         [("output0", [1, 9, 8400])])
        self.assertIn("'missing_screw'", config.parameters["metadata"].string_value)

    def test_statistics_count_each_inference_that_was_delivered(self):
        def count():
            one = self.client.get_inference_statistics("batches", headers=self.key("city"))
            every = self.client.get_inference_statistics(headers=self.key("city"))
            self.assertEqual(one, every)
            return one.model_stats[0].inference_count
        before = count()
        self.infer("batches", images(3))
        self.assertEqual(count(), before + 3)

    def test_the_index_lists_the_callers_models_only(self):
        index = self.client.get_model_repository_index(headers=self.key("city"))
        self.assertEqual([(model.name, model.state) for model in index.models],
                         [("batches", "READY")])


class Loading(TritonGrpc):
    def test_a_key_with_the_scope_unloads_and_loads(self):
        manager = self.key("manager")
        self.client.unload_model("line-3", headers=manager)
        self.assertFalse(self.client.is_model_ready("line-3", headers=manager))
        self.refused("UNAVAILABLE", "not ready", self.client.infer, "line-3.detect",
                     image(SAMPLES[0]), headers=manager)
        self.client.load_model("line-3", headers=manager)
        self.assertTrue(self.client.is_model_ready("line-3", headers=manager))

    def test_a_load_needs_the_scope_and_brings_nothing(self):
        load = self.client.load_model
        self.refused("PERMISSION_DENIED", "scopes", load, "line-3", headers=self.key("plant"))
        self.refused("UNIMPLEMENTED", "is not served", load, "line-3",
                     headers=self.key("manager"), config="{}",
                     files={"file:1/model.onnx": b"weights"})


class Inferring(TritonGrpc):
    def test_raw_and_typed_tensors_give_the_same_result(self):
        expected = self.infer("batches", images()).as_numpy("output0")
        self.assertEqual((expected.shape, expected.dtype), ((1, 6, 84), np.float32))
        request = service_pb2.ModelInferRequest(model_name="batches")
        given = request.inputs.add(name="images", datatype="FP32", shape=[1, 3, 64, 64])
        given.contents.fp32_contents.extend(pictures.tensor().ravel().tolist())
        with grpc.insecure_channel(self.served.grpc) as channel:
            stub = service_pb2_grpc.GRPCInferenceServiceStub(channel)
            response = stub.ModelInfer(request, metadata=tuple(self.key("city").items()))
        actual = np.frombuffer(response.raw_output_contents[0], np.float32).reshape(1, 6, 84)
        np.testing.assert_array_equal(actual, expected)

    def test_detect_finds_what_the_detect_command_finds(self):
        for picture in SAMPLES[4:8]:
            result = self.infer("line-3.detect", image(picture), who="plant")
            found = zip(result.as_numpy("classes"), result.as_numpy("scores"),
                        result.as_numpy("boxes"))
            actual = [(int(which), float(score), *map(float, box)) for which, score, box in found]
            self.assertEqual(pictures.differences(detected(picture), actual), [], picture.name)

    def test_options_and_outputs_are_as_asked(self):
        result = self.infer("line-3.detect", image(SAMPLES[0]), who="plant",
                            parameters={"max_det": 1, "conf": 0.1}, request_id="frame 7",
                            outputs=[triton.InferRequestedOutput("scores")])
        response = result.get_response()
        self.assertEqual((response.id, [output.name for output in response.outputs]),
                         ("frame 7", ["scores"]))
        self.assertEqual(result.as_numpy("scores").shape, (1,))
        self.assertTrue(response.parameters["receipt"].string_param)

    def test_async_infer_calls_back_and_its_future_can_be_cancelled(self):
        answers = queue.Queue()
        for batch in (1, 2, 3):
            self.client.async_infer("batches", images(batch), headers=self.key("city"),
                                    callback=lambda result, error: answers.put((result, error)))
        got = [answers.get(timeout=PATIENCE_S) for _ in range(3)]
        self.assertEqual([error for _, error in got], [None] * 3)
        self.assertEqual({result.as_numpy("output0").shape[0] for result, _ in got}, {1, 2, 3})
        call = self.client.async_infer("line-3.detect", image(SAMPLES[0]),
                                       headers=self.key("plant"),
                                       callback=lambda result, error: answers.put((result, error)))
        call.cancel()
        result, error = answers.get(timeout=PATIENCE_S)
        self.assertTrue(result is not None or error.status() == "StatusCode.CANCELLED")

    def test_a_stream_answers_in_order_and_goes_on_after_a_refusal(self):
        answers = queue.Queue()
        self.client.start_stream(lambda result, error: answers.put((result, error)),
                                 headers=self.key("city"))
        for name, batch in (("a", 1), ("b", 4), ("c", 2)):
            self.client.async_stream_infer("batches", images(batch), request_id=name)
        self.client.async_stream_infer("missing", images(), request_id="d")
        self.client.async_stream_infer("batches", images(), request_id="e")
        got = [answers.get(timeout=PATIENCE_S) for _ in range(5)]
        self.client.stop_stream()
        ids = [result.get_response().id for result, error in got if error is None]
        self.assertEqual(ids, ["a", "b", "c", "e"])
        self.assertEqual(got[3][1].message(), "no such model")
        self.assertTrue(all(result.get_response().parameters["triton_final_response"].bool_param
                            for result, error in got if error is None))


class Refusing(TritonGrpc):
    def test_no_key_a_wrong_key_and_anothers_model(self):
        self.refused("UNAUTHENTICATED", "a key is needed", self.client.infer, "batches", images())
        self.refused("UNAUTHENTICATED", "key", self.client.infer, "batches", images(),
                     headers={"authorization": "Bearer bh_live_wrong"})
        for model in ("batches", "missing", "missing.detect"):
            self.refused("NOT_FOUND", "^no such model$", self.infer, model, images(), who="plant")

    def test_inputs_that_the_model_does_not_have(self):
        wrong = triton.InferInput("pictures", [1, 3, 64, 64], "FP32")
        wrong.set_data_from_numpy(pictures.tensor())
        self.refused("INVALID_ARGUMENT", "named 'images'", self.infer, "batches", [wrong])
        shape = triton.InferInput("images", [1, 3, 32, 128], "FP32")
        shape.set_data_from_numpy(pictures.tensor().reshape(1, 3, 32, 128))
        self.refused("INVALID_ARGUMENT", "shape", self.infer, "batches", [shape])
        dtype = triton.InferInput("images", [1, 3, 64, 64], "FP64")
        dtype.set_data_from_numpy(pictures.tensor().astype(np.float64))
        self.refused("INVALID_ARGUMENT", "must be FP32, not FP64", self.infer, "batches", [dtype])
        self.refused("INVALID_ARGUMENT", "output", self.infer, "batches", images(),
                     outputs=[triton.InferRequestedOutput("output9")])

    def test_extensions_that_are_not_served(self):
        classes = [triton.InferRequestedOutput("output0", class_count=3)]
        self.refused("UNIMPLEMENTED", "classification", self.infer, "batches", images(),
                     outputs=classes)
        shared = triton.InferInput("images", [1, 3, 64, 64], "FP32")
        shared.set_shared_memory("region", 49152)
        self.refused("UNIMPLEMENTED", "shared memory", self.infer, "batches", [shared])
        self.refused("UNIMPLEMENTED", "(?i)compress", self.infer, "batches", images(),
                     compression_algorithm="gzip")

    def test_calls_that_are_not_served(self):
        key = {"headers": self.key("city")}
        client = self.client
        for call, *arguments in (
                (client.get_system_shared_memory_status,),
                (client.register_system_shared_memory, "region", "/key", 64),
                (client.unregister_system_shared_memory,),
                (client.get_cuda_shared_memory_status,),
                (client.register_cuda_shared_memory, "region", b"aGFuZGxl", 0, 64),
                (client.unregister_cuda_shared_memory,),
                (client.get_trace_settings,),
                (client.update_trace_settings, "batches", {"trace_rate": "1"}),
                (client.get_log_settings,), (client.update_log_settings, {"log_info": True})):
            with self.subTest(call.__name__):
                self.refused("UNIMPLEMENTED", "^no such method$", call, *arguments, **key)

    def test_a_months_quota_that_is_used_up(self):
        with self.served.only_frames("city", 1):
            self.infer("batches", images())
            self.refused("RESOURCE_EXHAUSTED", "frames", self.infer, "batches", images())

    def test_a_limit_says_when_to_come_back(self):
        request = service_pb2.ModelInferRequest(model_name="batches")
        given = request.inputs.add(name="images", datatype="FP32", shape=[1, 3, 64, 64])
        given.contents.fp32_contents.extend(pictures.tensor().ravel().tolist())
        with self.served.only_frames("city", 0), grpc.insecure_channel(self.served.grpc) as channel:
            stub = service_pb2_grpc.GRPCInferenceServiceStub(channel)
            with self.assertRaises(grpc.RpcError) as caught:
                stub.ModelInfer(request, metadata=tuple(self.key("city").items()))
        trailers = dict(caught.exception.trailing_metadata())
        self.assertGreater(int(trailers["grpc-retry-pushback-ms"]), 0)

    def test_a_message_that_is_larger_than_the_limit(self):
        large = triton.InferInput("image", [1], "BYTES")
        large.set_data_from_numpy(np.array([bytes(65 << 20)], dtype=np.object_))
        self.refused("RESOURCE_EXHAUSTED", "larger than max", self.infer, "line-3.detect", [large],
                     who="plant")

    def test_deadlines_of_the_request_and_of_the_client(self):
        self.refused("DEADLINE_EXCEEDED", "time", self.infer, "line-3.detect", image(SAMPLES[0]),
                     who="plant", timeout=1)
        self.refused("DEADLINE_EXCEEDED", "Deadline Exceeded|in time", self.infer, "line-3.detect",
                     image(SAMPLES[0]), who="plant", client_timeout=0.001)


if __name__ == "__main__":
    unittest.main(verbosity=2)
