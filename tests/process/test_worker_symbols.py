"""What the worker program is able to ask for, read from the program itself.

It parses what tenants wrote, so it holds the least code: no way to a socket, a process, a file or
a name server of its own, and no library beyond the list. Runs nm and readelf on $BULKHEAD_WORKER.
"""
import os
import re
import subprocess
import unittest

LIBRARIES = {
    # pictures
    "libjpeg", "libpng16", "libwebp", "libwebpdemux",
    # numbers to text, vector instructions, the system call filter
    "libfmt", "libhwy", "libseccomp",
    # the language
    "libstdc++", "libm", "libgcc_s", "libc",
}
# Present in a build with sanitizers only; the loader where the linker names it.
TOLERATED = {"libasan", "libubsan", "libtsan", "ld-linux-x86-64", "ld-linux-aarch64"}

FORBIDDEN = {
    "sockets": r"(socket|socketpair|connect|bind|listen|accept4?|shutdown|sendto|sendmsg|recvmsg)",
    "names": r"(getaddrinfo|gethostby\w+|getnameinfo|res_\w+|getpw\w+|getgr\w+)",
    "processes": r"(fork|vfork|clone|exec\w+|posix_spawn\w*|system|popen|kill|tgkill|ptrace)",
    "files": r"(open(64)?|openat(64)?|creat(64)?|f?re?open(64)?|fopen(64)?|opendir|mkdir|unlink\w*"
             r"|rename\w*|chmod|chown|mkstemp\w*|mount|umount2?|chroot|pivot_root)",
    "file streams": r"_ZN?K?St\d+basic_(filebuf|[io]?fstream)\w*",
    "users": r"(set(res|re|e)?[ug]id|setgroups|capset)",
    "libraries of other programs": r"(sqlite3_|PQ|grpc_|nvml|SSL_|EVP_|curl_|nghttp2_|XML_)\w*",
}


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


class WorkerSymbols(unittest.TestCase):
    def setUp(self):
        self.program = os.environ["BULKHEAD_WORKER"]
        table = output("nm", "-D", "--undefined-only", self.program)
        self.imports = {line.split()[-1].split("@")[0] for line in table.splitlines()}
        # A fortified build imports open as __open_2 and the like.
        self.imports |= {re.sub(r"^__(\w+?)(_chk|_2)$", r"\1", name) for name in self.imports}

    def test_reads_the_imports_at_all(self):
        self.assertLessEqual({"read", "write", "dlopen"}, self.imports)

    def test_needs_the_listed_libraries_and_no_other(self):
        table = output("readelf", "--dynamic", self.program)
        needed = {re.sub(r"\.so.*", "", name)
                  for name in re.findall(r"\(NEEDED\).*\[(.*)\]", table)}
        self.assertEqual(needed - TOLERATED, LIBRARIES)

    def test_imports_no_way_out(self):
        for what, pattern in FORBIDDEN.items():
            with self.subTest(what):
                found = sorted(name for name in self.imports if re.fullmatch(pattern, name))
                self.assertEqual(found, [])


if __name__ == "__main__":
    unittest.main()
