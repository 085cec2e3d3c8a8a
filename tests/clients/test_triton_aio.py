# SPDX-License-Identifier: Apache-2.0
"""tritonclient's asyncio clients, unmodified, against a whole gateway."""

import asyncio
import logging
import unittest

import tritonclient.grpc as grpc_values
import tritonclient.grpc.aio as grpc_client
import tritonclient.http as http_values
import tritonclient.http.aio as http_client
from tritonclient.utils import InferenceServerException

import pictures
from served import served

logging.getLogger("asyncio").setLevel(logging.ERROR)  # it tells how long each step took


def images(values, batch):
    given = values.InferInput("images", [batch, 3, pictures.SIDE, pictures.SIDE], "FP32")
    given.set_data_from_numpy(pictures.tensor(batch))
    return [given]


class Aio(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.served = served()
        self.key = {"x-api-key": self.served.keys["city"]}

    async def check(self, client, values):
        """What both transports share; batches beside each other come back each with its own."""
        self.assertTrue(await client.is_server_ready())
        self.assertTrue(await client.is_model_ready("batches", headers=self.key))
        results = await asyncio.gather(*(
            client.infer("batches", images(values, batch), headers=self.key)
            for batch in (1, 2, 3, 4)))
        self.assertEqual([result.as_numpy("output0").shape[0] for result in results],
                         [1, 2, 3, 4])
        with self.assertRaisesRegex(InferenceServerException, "no such model"):
            await client.infer("line-3", images(values, 1), headers=self.key)
        with self.assertRaisesRegex(InferenceServerException, "a key is needed"):
            await client.infer("batches", images(values, 1))

    async def test_http_infers_and_tells_refusals(self):
        async with http_client.InferenceServerClient(self.served.http) as client:
            await self.check(client, http_values)
            result = await client.infer("batches", images(http_values, 1), headers=self.key,
                                        request_compression_algorithm="gzip",
                                        response_compression_algorithm="deflate")
            self.assertEqual(result.as_numpy("output0").shape, (1, 6, 84))

    async def test_grpc_infers_and_tells_refusals(self):
        async with grpc_client.InferenceServerClient(self.served.grpc) as client:
            await self.check(client, grpc_values)

    async def test_a_grpc_stream_answers_in_order(self):
        async def requests():
            for batch in (1, 3, 2):
                yield {"model_name": "batches", "inputs": images(grpc_values, batch)}

        async with grpc_client.InferenceServerClient(self.served.grpc) as client:
            answers = [answer async for answer in client.stream_infer(requests(),
                                                                      headers=self.key)]
        self.assertEqual([error for _, error in answers], [None] * 3)
        self.assertEqual([result.as_numpy("output0").shape[0] for result, _ in answers], [1, 3, 2])


if __name__ == "__main__":
    unittest.main(verbosity=2)
