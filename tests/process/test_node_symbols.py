"""What the node's program holds, read from the program itself.

It holds privileges, so it parses nothing that a tenant wrote: none of the code that reads pictures,
models, graphs or what a network answers, and no library for them. Runs nm and readelf on
$BULKHEAD_NODE.
"""
import os
import re
import subprocess
import unittest

LIBRARIES = {
    # numbers to text, the system call filter of the workers
    "libfmt", "libseccomp",
    # sealed models and their keys
    "libcrypto",
    # the language
    "libstdc++", "libgcc_s", "libc",
}
# Present in a build with sanitizers or without optimisation only; the loader where the linker names
# it.
TOLERATED = {"libm", "libasan", "libubsan", "libtsan", "ld-linux-x86-64", "ld-linux-aarch64"}

FORBIDDEN = {
    # Functions that take a value of yolo (channel's WireOf of an enum) are no code of it.
    "folders of ours": r"bulkhead::(image|yolo|engine|worker|model|cli)::.*",
    "channel's readers of what a worker answers":
        r"bulkhead::channel::(ClientSession|MessageReader|BlockingClient|DecodeSetup)\b.*",
    "network": r"(getaddrinfo|gethostby\w+|res_\w+|SSL_\w+|nghttp2_\w+|curl_\w+)",
}


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


class NodeSymbols(unittest.TestCase):
    def setUp(self):
        self.program = os.environ["BULKHEAD_NODE"]
        table = output("nm", "-C", self.program)
        self.names = {line[19:] for line in table.splitlines()}
        self.names |= {name.split("@")[0] for name in self.names}

    def test_reads_the_names_at_all(self):
        self.assertTrue(any(name.startswith("bulkhead::node::Supervise(") for name in self.names))

    def test_needs_the_listed_libraries_and_no_other(self):
        table = output("readelf", "--dynamic", self.program)
        needed = {re.sub(r"\.so.*", "", name)
                  for name in re.findall(r"\(NEEDED\).*\[(.*)\]", table)}
        self.assertEqual(needed - TOLERATED, LIBRARIES)

    def test_holds_no_reader_of_what_tenants_write(self):
        for what, pattern in FORBIDDEN.items():
            with self.subTest(what):
                found = sorted(name for name in self.names if re.fullmatch(pattern, name))
                self.assertEqual(found, [])


if __name__ == "__main__":
    unittest.main()
