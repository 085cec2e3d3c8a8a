"""What the gateway's program holds, read from the program itself.

It hears the network, so it holds no power: no code that decodes pictures, runs models, reads their
graphs or starts a compartment, and no library for them. Runs nm and readelf on $BULKHEAD_GATEWAY.
"""
import os
import re
import subprocess
import unittest

FORBIDDEN_LIBRARIES = r"lib(jpeg|png|webp|hwy|onnx|opencv|nvidia|cuda).*"
FORBIDDEN = {
    # Functions that take a value of device or isolation are no code of their adapters.
    "folders of ours": r"bulkhead::(image|engine|worker|model|compartment|cli)::.*",
    "what makes compartments and partitions":
        r"bulkhead::(isolation::(MakeSandboxDriver|MakePodDriver)|device::OpenCpuBackend)\b.*",
    "who supervises workers": r"bulkhead::node::(Supervise|RunNode)\b.*",
    "keys of sealed models": r"bulkhead::(keys::.*|node::Sealing::.*|seal::Unseal\b.*)",
}


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


class GatewaySymbols(unittest.TestCase):
    def setUp(self):
        self.program = os.environ["BULKHEAD_GATEWAY"]
        self.names = {line[19:] for line in output("nm", "-C", self.program).splitlines()}

    def test_reads_the_names_at_all(self):
        self.assertTrue(any(name.startswith("bulkhead::gateway::RunGateway(")
                            for name in self.names))

    def test_needs_no_library_for_pictures_or_models(self):
        table = output("readelf", "--dynamic", self.program)
        needed = re.findall(r"\(NEEDED\).*\[(.*)\]", table)
        self.assertTrue(any(name.startswith("libgrpc") for name in needed))
        self.assertEqual([name for name in needed if re.fullmatch(FORBIDDEN_LIBRARIES, name)], [])

    def test_holds_no_power(self):
        for what, pattern in FORBIDDEN.items():
            with self.subTest(what):
                found = sorted(name for name in self.names if re.fullmatch(pattern, name))
                self.assertEqual(found, [])


if __name__ == "__main__":
    unittest.main()
