#!/usr/bin/env python3
"""The house rules that a machine can check, run as a test.

    python3 tools/tidy.py [FOLDER]

Prints `path:line: rule: what to do` for every finding and a last line with counts; the exit status
is 1 when there is a finding. The rules are the tables below; tools/tidy_checks/ applies them.
"""

import pathlib
import sys

from tidy_checks import cmake, cpp, folders, graph, markdown, promises, python, text
from tidy_checks.tree import Tree

# --- Who may see whom ---------------------------------------------------------------------------
# src/<key> may include "<value>/..." and name it in DEPS. GRAPH_PAGE draws the edges in use.
# Folders that do not exist yet stand here as intended; a new edge is decided here first.
ANYTHING = None
FOLDER_EDGES = {
    "base": [],
    "image": ["base"],
    "yolo": ["base", "image"],
    "engine": ["base"],
    # Values of yolo only (detection.h, model_spec.h).
    "channel": ["base", "yolo"],
    "lockdown": ["base"],
    "worker": ["base", "image", "yolo", "engine", "channel", "lockdown"],
    "isolation": ["base", "lockdown"],
    "mig": ["base"],
    "advice": ["base", "mig"],
    "migparted": ["base", "mig"],
    "device": ["base", "mig"],
    # One worker in its compartment, started and watched.
    "compartment": ["base", "channel", "isolation", "lockdown", "device"],
    "node": ["base", "planner", "channel", "compartment", "device", "isolation", "seal", "keys",
             "audit"],
    "model": ["base", "yolo"],
    "planner": ["base", "mig"],
    "report": ["base", "yolo"],
    "cli": ["base", "image", "yolo", "engine", "worker", "model", "planner", "channel",
            "seal", "keys",
            "compartment", "device", "isolation", "admin", "tenant", "meter",
            "audit", "report", "mig", "migparted"],
    "app": ANYTHING,
    # Of device the tier of a partition alone (tier.h).
    "tenant": ["base", "device"],
    # Of device the names of tiers alone (tier.h).
    "store": ["base", "device", "tenant"],
    "meter": ["base"],
    "seal": ["base"],
    "openinference": ["base"],
    "telemetry": ["base"],
    "admin": ["base", "tenant", "store", "meter"],
    # What the tenants' side is made of (docs/adr/0006): each of these knows none beside it.
    "async": ["base"],
    "http": ["base", "async"],
    "rpc": ["base", "openinference"],
    # Of device and isolation values only.
    "fleet": ["base", "async", "channel", "node", "tenant", "device", "isolation"],
    # Of yolo, device and isolation values only; of node its client, of seal the header.
    "gateway": ["base", "node", "seal", "advice", "async", "http", "rpc", "fleet", "channel",
                "tenant", "store", "meter", "openinference", "telemetry", "admin", "audit",
                "report", "yolo", "device", "isolation", "planner"],
    # Planned.
    "keys": ["base"],
    # Of device the names of tiers alone (tier.h).
    "release": ["base", "device"],
    "audit": ["base"],
    "operator": ["base", "planner"],
}

GRAPH_PAGE = "docs/architecture.md"

# What a program may link of ours; it parses hostile input, so it holds the least code.
PROGRAM_LINKS = {"bulkhead-worker": ["options", "base", "image", "yolo", "engine", "channel",
                                     "lockdown", "worker"],
                 # The privileged one: of channel it uses what a worker inherits and reports, and
                 # none of the values of yolo behind it (tests/process/test_node_symbols.py).
                 "bulkhead-node": ["options", "audit", "base", "channel", "compartment", "daemon",
                                   "device", "isolation", "key_url", "node"],
                 # It hears the network (tests/process/test_gateway_symbols.py).
                 "bulkhead-gateway": ["options", "daemon", "gateway", "store"]}

# Files that name concrete adapters, besides an adapter's own files.
COMPOSERS = ["src/app/compose.cpp", "src/app/gpu_access.cpp", "src/app/open_keys.cpp",
             "src/app/node_main.cpp", "src/app/worker_main.cpp", "src/app/gateway_main.cpp",
             "src/keys/open_provider.cpp", "src/keys/provider_probe.cpp"]
ADAPTER_HEADERS = ["engine/*_engine.h", "*/*_backend.h", "*/*_driver.h", "*/*_provider.h",
                   "*/*_store.h"]
PORT_HEADERS = ["device/device_backend.h", "device/gpu_driver.h", "isolation/isolation_driver.h",
                "keys/key_provider.h", "store/store.h"]

# Tests, benches and fuzz targets may name adapters and any header of the tables below.
TEST_FILES = ["src/*_test.cpp", "src/*/test_*.h", "src/*/test_*.cpp", "tests/*", "bench/*"]

# --- Outside headers ----------------------------------------------------------------------------
# (header, files that may include it). Headers of the C++ library have no dot and need no entry.
FREE = ["*"]
OUTSIDE_HEADERS = [
    ("fmt/*", FREE),
    ("unistd.h", FREE),
    ("fcntl.h", FREE),
    ("grp.h", ["tests/*"]),
    ("arpa/*", ["tests/sandbox_cases/*"]),
    ("netinet/*", ["tests/sandbox_cases/*"]),
    ("pthread.h", ["tests/sandbox_cases/*"]),
    ("elf.h", ["src/isolation/program_files.cpp"]),
    ("spawn.h", ["bench/*", "src/base/capture_output.cpp"]),
    ("sched.h", FREE),
    ("signal.h", FREE),
    ("poll.h", FREE),
    ("sys/*", FREE),
    ("cxxabi.h", ["src/app/worker_main.cpp"]),
    ("syslog.h", ["src/cli/detect.cpp"]),
    ("linux/*", ["src/isolation/*", "src/lockdown/*", "src/node/*"]),
    ("seccomp.h", ["src/lockdown/syscall_*"]),
    # Which exception nobody caught.
    ("cxxabi.h", ["src/app/worker_main.cpp"]),
    ("malloc.h", ["src/app/worker_main.cpp"]),
    ("dlfcn.h", ["src/engine/onnxruntime_library.cpp", "src/device/nvml_library.cpp",
                 "src/keys/pkcs11_module.cpp", "src/keys/https_client.cpp",
                 "tests/nvml_double/test_nvml.h"]),
    ("onnxruntime_*.h", ["src/engine/onnxruntime_engine.cpp"]),
    ("jpeglib.h", ["src/image/jpeg_*"]),
    ("jerror.h", ["src/image/jpeg_*"]),
    ("turbojpeg.h", ["src/image/jpeg_*"]),
    ("png.h", ["src/image/png_decode.cpp"]),
    ("webp/*", ["src/image/webp_decode.cpp"]),
    ("hwy/*", ["src/image/ycc_kernels.cpp", "src/yolo/row_kernels.cpp"]),
    ("onnx/*", ["src/model/onnx_*"]),
    ("google/protobuf/*", ["src/model/onnx_*", "src/rpc/*"]),
    ("CLI/*", ["src/cli/*_command.h", "src/cli/*_command.cpp", "src/cli/model_overrides.h",
               "src/cli/model_push.cpp", "src/cli/model_seal.cpp",
               "src/cli/model_overrides.cpp", "src/app/*"]),
    ("nlohmann/*", ["src/cli/*", "src/report/*", "src/admin/*", "src/openinference/*",
                    "src/gateway/*", "src/meter/export*", "src/telemetry/otlp_*",
                    "src/device/inventory_file.cpp", "src/keys/transit_answer.cpp",
                    "src/release/policy_file.cpp"]),
    # Reserved for adapters that docs/architecture.md plans.
    ("sqlite3.h", ["src/store/sqlite_*"]),
    ("libpq-fe.h", ["src/store/postgres_*"]),
    ("yaml-cpp/*", ["src/migparted/yaml_value.cpp"]),
    ("curl/*", ["src/keys/https_client.cpp"]),
    ("p11-kit/*", ["src/keys/pkcs11_*"]),
    ("openssl/*", ["src/base/*", "src/keys/*", "src/audit/*", "src/http/tls_stream.cpp"]),
    ("boost/*", ["src/async/*", "src/http/*", "src/fleet/*", "src/gateway/*",
                 "src/admin/client.cpp", "src/telemetry/http_exchange.cpp"]),
    ("grpcpp/*", ["src/rpc/*"]),
    # Generated by the build from src/openinference/*.proto.
    ("openinference/*.pb.h", ["src/rpc/*"]),
    ("prometheus/*", ["src/telemetry/*"]),
    ("zlib.h", ["src/http/zlib_coding.cpp"]),
    # Only for tests and benches.
    ("arpa/inet.h", []),
    ("netinet/in.h", []),
    ("pthread.h", []),
    ("gtest/*", []),
    ("gmock/*", []),
    ("fuzzer/*", []),
    ("benchmark/*", []),
    ("opencv2/*", []),
]

# Folders of pure rules and maths: no clock, thread, file, socket, terminal or chance. Errors of
# the caller's making aside, the same arguments give the same result.
PURE_FILES = ["src/yolo/*", "src/planner/*", "src/mig/*", "src/advice/*", "src/tenant/*",
              "src/operator/reconcile*", "src/migparted/*", "src/release/decide*",
              "src/release/policy*", "src/release/tpm_quote*"]
IMPURE_HEADERS = ["chrono", "ctime", "thread", "mutex", "shared_mutex", "condition_variable",
                  "future", "stop_token", "semaphore", "latch", "barrier", "atomic", "random",
                  "filesystem", "fstream", "iostream", "csignal", "unistd.h", "fcntl.h", "poll.h",
                  "sched.h", "sys/*"]

# --- Words --------------------------------------------------------------------------------------
# As a whole part of a file's name or of a type's name: they say nothing of what lives there.
BANNED_NAMES = ["Manager", "Helper", "Helpers", "Util", "Utils", "Impl", "Common", "Misc", "Data",
                "Info"]

# (pattern over code without comments and texts, what to write instead, files where it is right)
BANNED_CODE = [
    (r"\bsystem_clock::now\b", "take the time from a clock that is passed in", ["src/base/*"]),
    (r"\bstd::rand\b|(?<![\w:.>])s?rand\(", "take chance from a generator that is passed in", []),
    (r"(?<![\w.>])(strcpy|strcat|stpcpy|gets|v?sprintf)\(", "use std::string or fmt", []),
    (r"(?<![\w.>])(system|popen)\(", "start no shell", ["src/http/tls_test.cpp"]),
    (r"(?<![\w.>])(ato[ifl]|atoll|strtok)\(", "use std::from_chars and test the result", []),
    (r"\bstd::w?regex\b", "write the parser; std::regex is slow and overflows the stack", []),
    (r"\busing namespace (?!std::(\w+_)?literals\b)", "name what is used", []),
    (r"\bstd::(cout|cerr|clog)\b", "write to the Console that is passed in",
     ["src/app/*", *TEST_FILES]),
    (r"(?<![\w.>])(v?f?printf|puts|fputs)\(", "write to the Console that is passed in",
     ["src/base/check.cpp", "bench/*_main.cpp"]),
    (r"(?<!\w)assert\(", "use BH_CHECK, which stays in every build", []),
    (r"\bthrow\b", "return an Error; exceptions stop in adapters", TEST_FILES),
    (r"\bcatch \(", "catch only in the adapter of the library that throws",
     ["src/engine/onnxruntime_engine.cpp", "src/image/*", "src/model/onnx_*",
      "src/migparted/yaml_value.cpp", "src/async/blocking_thread.h", "src/http/connection.cpp",
      "src/telemetry/http_exchange.cpp", "src/admin/client.cpp", "src/app/daemon.cpp",
      "src/app/*_main.cpp", *TEST_FILES]),
]
WORK_MARKS = ["TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK"]

# --- Sizes --------------------------------------------------------------------------------------
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
COLUMNS_MAX = 100
README_LINES_MAX = 30
FILE_BYTES_MAX = 1 << 20
LARGE_FILES = ["models/*"]
README_FOLDERS = ["tests", "bench", "docs", "tools"]  # and every folder of src/ with sources
# Every test, fuzz target and file of ours that these name in `code` exists.
PROMISE_FILES = ["docs/threat_model.md"]
# Not ours to shape: samples as other programs wrote them.
VERBATIM_FILES = ["tests/data/*", "models/*.json", "LICENSE"]

RULES = sys.modules[__name__]


def check(root):
    """All findings in the tree below `root`, in the order of its paths."""
    tree = Tree(pathlib.Path(root), RULES)
    findings = []
    for area in (text, cpp, folders, cmake, graph, python, markdown, promises):
        findings += area.findings(tree, RULES)
    return tree, sorted(set(findings))


def main(arguments):
    root = arguments[0] if arguments else pathlib.Path(__file__).resolve().parent.parent
    tree, findings = check(root)
    for finding in findings:
        print(finding)
    print(f"tidy: {len(tree.files)} files, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
