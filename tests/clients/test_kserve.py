# SPDX-License-Identifier: Apache-2.0
"""KServe's own clients, unmodified, against a whole gateway."""

import logging
import ssl
import unittest

import grpc
import httpx
import numpy as np
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest, RESTConfig
from kserve.protocol.infer_type import RequestedOutput

import pictures
from served import SAMPLES, detected, served, served_with_tls

logging.getLogger("asyncio").setLevel(logging.ERROR)  # it tells how long each step took
logging.getLogger("kserve").setLevel(logging.CRITICAL)  # it logs each refusal with its trace


def request(model, tensor, name, datatype, binary=True, outputs=None):
    given = InferInput(name, list(tensor.shape), datatype)
    given.set_data_from_numpy(tensor, binary_data=binary)
    return InferRequest(model, [given], request_id="frame 7", request_outputs=outputs)


def noise(binary=True, outputs=None):
    return request("batches", pictures.tensor(), "images", "FP32", binary, outputs)


def found_in(response):
    by_name = {output.name: output.as_numpy() for output in response.outputs}
    return [(int(which), float(score), *map(float, box)) for which, score, box in
            zip(by_name["classes"], by_name["scores"], by_name["boxes"])]


class Rest(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.served = served()
        self.url = "http://" + self.served.http
        self.client = InferenceRESTClient(RESTConfig(protocol="v2"))
        self.addAsyncCleanup(self.client.close)

    def key(self, who):
        return {"X-API-Key": self.served.keys[who]}

    async def infer(self, asked, who="city"):
        return await self.client.infer(self.url, asked, asked.model_name, headers=self.key(who))

    async def refused(self, status, message, asked, who="city"):
        with self.assertRaises(httpx.HTTPStatusError) as caught:
            await self.infer(asked, who)
        self.assertEqual(caught.exception.response.status_code, status)
        self.assertRegex(str(caught.exception), message)

    async def test_the_server_and_a_model_are_ready(self):
        self.assertTrue(await self.client.is_server_live(self.url))
        self.assertTrue(await self.client.is_server_ready(self.url))
        ready = self.client.is_model_ready
        self.assertTrue(await ready(self.url, "line-3", headers=self.key("plant")))
        self.assertFalse(await ready(self.url, "line-3", headers=self.key("city")))

    async def test_binary_and_json_tensors_give_the_same_result(self):
        expected = (await self.infer(noise())).outputs[0].as_numpy()
        self.assertEqual(expected.shape, (1, 6, 84))
        response = await self.infer(noise(binary=False))
        self.assertEqual((response.id, response.model_name), ("frame 7", "batches"))
        np.testing.assert_array_equal(response.outputs[0].as_numpy(), expected)
        asked = [RequestedOutput("output0", parameters={"binary_data": True})]
        binary = await self.infer(noise(outputs=asked))
        np.testing.assert_array_equal(binary.outputs[0].as_numpy(), expected)

    async def test_detect_finds_what_the_detect_command_finds(self):
        for picture in SAMPLES[8:10]:
            asked = request("line-3.detect", pictures.text(picture), "image", "BYTES")
            actual = found_in(await self.infer(asked, "plant"))
            self.assertEqual(pictures.differences(detected(picture), actual), [], picture.name)

    async def test_refusals_carry_the_servers_reason(self):
        await self.refused(404, "no such model", noise(), who="plant")
        wrong = request("batches", pictures.tensor(), "pictures", "FP32")
        await self.refused(400, "named 'images'", wrong)
        with self.assertRaisesRegex(httpx.HTTPStatusError, "a key is needed"):
            await self.client.infer(self.url, noise(), "batches")


class Grpc(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.served = served()
        self.client = InferenceGRPCClient(self.served.grpc)
        self.addAsyncCleanup(self.client.close)

    def key(self, who):
        return (("x-api-key", self.served.keys[who]),)

    async def test_the_server_and_a_model_are_ready(self):
        self.assertTrue(await self.client.is_server_live())
        self.assertTrue(await self.client.is_server_ready())
        self.assertTrue(await self.client.is_model_ready("line-3", headers=self.key("plant")))

    async def test_raw_and_typed_tensors_give_the_same_result(self):
        raw = await self.client.infer(noise(), headers=self.key("city"))
        typed = await self.client.infer(noise(binary=False), headers=self.key("city"))
        self.assertEqual(raw.id, "frame 7")
        self.assertEqual(raw.outputs[0].as_numpy().shape, (1, 6, 84))
        np.testing.assert_array_equal(typed.outputs[0].as_numpy(), raw.outputs[0].as_numpy())

    async def test_detect_finds_what_the_detect_command_finds(self):
        asked = request("line-3.detect", pictures.text(SAMPLES[10]), "image", "BYTES")
        actual = found_in(await self.client.infer(asked, headers=self.key("plant")))
        self.assertEqual(pictures.differences(detected(SAMPLES[10]), actual), [])

    async def test_refusals_carry_the_servers_reason(self):
        for headers, code, reason in ((self.key("plant"), "NOT_FOUND", "no such model"),
                                      ((), "UNAUTHENTICATED", "a key is needed")):
            with self.assertRaises(grpc.RpcError) as caught:
                await self.client.infer(noise(), headers=headers)
            self.assertEqual(caught.exception.code().name, code)
            self.assertIn(reason, caught.exception.details())


class Tls(unittest.IsolatedAsyncioTestCase):
    async def test_rest_and_grpc_reach_a_server_whose_certificate_they_are_told(self):
        server, certificate = served_with_tls()
        config = RESTConfig(protocol="v2", verify=ssl.create_default_context(cafile=certificate))
        async with InferenceRESTClient(config) as client:
            self.assertTrue(await client.is_server_ready("https://" + server.http))
        async with InferenceGRPCClient(server.grpc, use_ssl=True,
                                       root_certificates=certificate) as client:
            self.assertTrue(await client.is_server_ready())


if __name__ == "__main__":
    unittest.main(verbosity=2)
