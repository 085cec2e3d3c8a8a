# SPDX-License-Identifier: Apache-2.0
"""tritonclient and curl over TLS, with a certificate that a client must be told of."""

import subprocess
import unittest

import tritonclient.grpc
import tritonclient.http
from tritonclient.utils import InferenceServerException

from served import PATIENCE_S, served_with_tls


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.served, cls.certificate = served_with_tls()
        cls.headers = {"x-api-key": cls.served.new_key("plant")}

    def test_tritonclient_over_http(self):
        with tritonclient.http.InferenceServerClient(
                self.served.http, ssl=True, ssl_options={"ca_certs": self.certificate}) as client:
            self.assertTrue(client.is_server_live())
            self.assertEqual(client.get_model_repository_index(headers=self.headers), [])

    def test_tritonclient_over_grpc(self):
        with tritonclient.grpc.InferenceServerClient(
                self.served.grpc, ssl=True, root_certificates=self.certificate) as client:
            self.assertTrue(client.is_server_live())
            index = client.get_model_repository_index(headers=self.headers)
            self.assertEqual(list(index.models), [])

    def test_curl(self):
        done = subprocess.run(["curl", "-sS", "--cacert", self.certificate,
                               f"https://{self.served.http}/v2/health/live"], timeout=PATIENCE_S,
                              capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, '{"live":true}'), done.stderr)

    def test_a_client_without_tls_or_without_the_certificate_is_refused(self):
        with tritonclient.http.InferenceServerClient(self.served.http) as client:
            with self.assertRaises(Exception):
                client.is_server_live()
        with tritonclient.grpc.InferenceServerClient(self.served.grpc, ssl=True) as client:
            with self.assertRaisesRegex(InferenceServerException, "UNAVAILABLE"):
                client.is_server_live()


if __name__ == "__main__":
    unittest.main(verbosity=2)
