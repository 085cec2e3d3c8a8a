#!/usr/bin/env python3
"""Plants one violation after another in a small clean tree and sees each rule fire."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

import tidy
from tidy_checks import cpp_source

SPDX = "// SPDX-License-Identifier: Apache-2.0\n"


def source(folder, body=""):
    return f"{SPDX}namespace bulkhead::{folder} {{\n{body}}}\n"


def function(lines):
    """A function whose body spans this many lines."""
    return "int F() {\n" + "  G();\n" * (lines - 2) + "}\n"


CLEAN = {
    "README.md": "# Title\n\nSee [base](src/base/README.md) and [here](#title).\n",
    "src/base/README.md": "# base\n",
    "src/base/CMakeLists.txt": "bulkhead_library(base\n  SOURCES result.cpp\n"
                               "  TESTS result_test.cpp)\n",
    "src/base/result.h": SPDX + "#pragma once\n#include <vector>\nnamespace bulkhead::base {}\n",
    "src/base/result.cpp": source("base", function(60)),
    "src/base/result_test.cpp": SPDX + "#include <gtest/gtest.h>\n#include <fstream>\n"
                                       "namespace bulkhead::base {}\n",
    "src/yolo/README.md": "# yolo\n",
    "src/yolo/CMakeLists.txt": "bulkhead_library(yolo SOURCES nms.cpp DEPS base)\n",
    "src/yolo/nms.cpp": SPDX + '#include "base/result.h"\nnamespace bulkhead::yolo {}\n',
    "tests/README.md": "# tests\n",
    "tests/data/sample.txt": "as it came \t\n",
    "tools/README.md": "# tools\n",
    "tools/build.py": "def build():\n    return 1\n",
    "Makefile": "all:\n\ttrue\n",
}


class TidyTest(unittest.TestCase):
    def findings(self, changes=None):
        with tempfile.TemporaryDirectory() as folder:
            for path, text in {**CLEAN, **(changes or {})}.items():
                if text is None:
                    continue  # a file of the clean tree that this test takes away
                file = pathlib.Path(folder, path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(text if isinstance(text, bytes) else text.encode())
            return tidy.check(folder)[1]

    def assert_finds(self, rule, path, changes, line=None):
        found = self.findings(changes)
        self.assertEqual({(f.rule, f.path) for f in found}, {(rule, path)},
                         [str(f) for f in found])
        if line is not None:
            self.assertEqual(found[0].line, line)

    def assert_code(self, rule, body, line=None):
        path = "src/base/result.cpp"
        self.assert_finds(rule, path, {path: source("base", body)}, line)

    def assert_includes(self, rule, include):
        path = "src/base/result.cpp"
        self.assert_finds(rule, path, {path: CLEAN[path] + f"#include {include}\n"}, line=64)

    def test_a_clean_tree_passes(self):
        self.assertEqual(self.findings(), [])

    def test_folder_edges(self):
        found = self.findings({
            "src/base/result.cpp": source("base") + '#include "yolo/box.h"\n',
            "src/yolo/box.h": SPDX + "#pragma once\nnamespace bulkhead::yolo {}\n"})
        self.assertEqual({(f.rule, f.path) for f in found},
                         {("folder edge", "src/base/result.cpp"),
                          ("DEPS", "src/base/CMakeLists.txt")})
        self.assert_includes("include", '"result.h"')
        self.assert_finds("namespace", "src/base/result.cpp",
                          {"src/base/result.cpp": SPDX + "namespace bulkhead::yolo {}\n"})

    def test_the_build_names_the_folders_that_are_used(self):
        cmake = "src/yolo/CMakeLists.txt"
        test = {"src/yolo/nms_test.cpp": CLEAN["src/yolo/nms.cpp"],
                "src/yolo/nms.cpp": source("yolo")}
        listed = "bulkhead_library(yolo SOURCES nms.cpp {} TESTS nms_test.cpp {})\n"
        self.assert_finds("DEPS", cmake, {cmake: "bulkhead_library(yolo SOURCES nms.cpp)\n"})
        self.assert_finds("DEPS", cmake, {"src/yolo/nms.cpp": source("yolo")})
        self.assert_finds("TEST_DEPS", cmake, {**test, cmake: listed.format("", "")})
        self.assertEqual(self.findings(
            {**test, cmake: listed.format("", "TEST_DEPS bulkhead::base")}), [])

    def test_the_drawn_graph_is_the_built_one(self):
        page = tidy.GRAPH_PAGE
        docs = {"docs/README.md": "# docs\n"}
        drawn = "# A\n```mermaid\nflowchart TD\n  yolo --> base\n{}```\n"
        self.assertEqual(self.findings({**docs, page: drawn.format("")}), [])
        self.assert_finds("graph", page, {**docs, page: "# A\n"}, line=1)
        self.assert_finds("graph", page, {**docs, page: drawn.format("  yolo --> app\n")}, line=5)

    def test_a_new_folder_is_decided_in_the_table(self):
        self.assert_finds("folder", "src/misplaced/a.h", {
            "src/misplaced/a.h": SPDX + "#pragma once\nnamespace bulkhead::misplaced {}\n",
            "src/misplaced/README.md": "# misplaced\n"})

    def test_outside_headers(self):
        self.assert_includes("outside header", "<unheard/of.h>")
        self.assert_includes("outside header", "<onnxruntime_cxx_api.h>")
        self.assert_includes("outside header", "<gtest/gtest.h>")
        self.assert_includes("outside header", "<stdint.h>")

    def test_adapters_are_named_only_where_programs_are_composed(self):
        engine = {
            "src/engine/README.md": "# engine\n",
            "src/engine/CMakeLists.txt": "bulkhead_library(engine SOURCES null_engine.cpp)\n",
            "src/engine/null_engine.h": SPDX + "#pragma once\nnamespace bulkhead::engine {}\n",
            "src/engine/null_engine.cpp": source("engine") + '#include "engine/null_engine.h"\n',
            "src/app/README.md": "# app\n",
            "src/app/CMakeLists.txt": "bulkhead_library(app SOURCES compose.cpp DEPS engine)\n",
            "src/app/compose.cpp": source("app") + '#include "engine/null_engine.h"\n'}
        self.assertEqual(self.findings(engine), [])
        engine["src/app/CMakeLists.txt"] += "add_executable(bulkhead other.cpp)\n"
        engine["src/app/other.cpp"] = engine["src/app/compose.cpp"]
        self.assert_finds("adapter", "src/app/other.cpp", engine)

    def test_pure_folders(self):
        path = "src/yolo/nms.cpp"
        for header in ("<chrono>", "<fstream>", "<sys/stat.h>"):
            with self.subTest(header):
                self.assert_finds("pure folder", path,
                                  {path: CLEAN[path] + f"#include {header}\n"}, line=4)

    def test_a_worker_links_only_its_own(self):
        cmake = CLEAN["src/base/CMakeLists.txt"]
        link = "target_link_libraries(bulkhead-worker PRIVATE bulkhead::worker {})\n"
        self.assertEqual(self.findings({
            "src/base/CMakeLists.txt": cmake + link.format("bulkhead::engine")}), [])
        self.assert_finds("program", "src/base/CMakeLists.txt", {
            "src/base/CMakeLists.txt": cmake + link.format("bulkhead::store")}, line=4)

    def test_every_source_is_built(self):
        self.assert_finds("unlisted file", "src/base/dead.cpp",
                          {"src/base/dead.cpp": source("base")})
        self.assert_finds("unlisted file", "tests/fuzz/json_fuzz.cpp",
                          {"tests/fuzz/json_fuzz.cpp": SPDX})
        self.assertEqual(self.findings({
            "tests/fuzz/json_fuzz.cpp": SPDX,
            "tests/fuzz/CMakeLists.txt": "bulkhead_fuzz(json DEPS base)\n"}), [])

    def test_sizes(self):
        self.assert_code("function length", function(61), line=3)
        self.assert_code("function length", "class A {\n public:\n  " + function(61) + "};\n")
        self.assert_code("file length", "int a;\n" * 398)
        self.assert_code("columns", "int a" + "a" * 96 + ";\n", line=3)
        self.assert_finds("large file", "docs/picture.png", {
            "docs/picture.png": b"\0" * ((1 << 20) + 1), "docs/README.md": "# docs\n"})
        body = "def f():\n" + "    pass\n" * 60
        self.assert_finds("function length", "tools/build.py", {"tools/build.py": body}, line=1)

    def test_a_large_model_and_a_long_address_are_allowed(self):
        self.assertEqual(self.findings({
            "models/line.onnx": b"\0" * ((1 << 20) + 1),
            "src/base/result.cpp": source("base", "// https://a.example/" + "a" * 99 + "\n")}), [])

    def test_layout_of_text(self):
        self.assert_code("tab", "\tint a;\n", line=3)
        self.assert_code("trailing blank", "int a; \n", line=3)
        self.assert_finds("final newline", "tools/build.py", {"tools/build.py": "a = 1"})
        self.assert_finds("licence", "src/base/result.cpp",
                          {"src/base/result.cpp": "namespace bulkhead::base {}\n"})
        self.assert_finds("pragma once", "src/base/result.h",
                          {"src/base/result.h": SPDX + "namespace bulkhead::base {}\n"})
        self.assert_finds("python", "tools/build.py", {"tools/build.py": "def\n"}, line=1)
        for mark in tidy.WORK_MARKS:
            self.assert_code("work mark", f"// {mark}: later\n", line=3)

    def test_names(self):
        self.assert_code("type name", "class FrameManager;\n", line=3)
        self.assert_code("type name", "enum class [[nodiscard]] ErrorInfo { kA };\n", line=3)
        self.assert_finds("file name", "tools/string_util.py", {"tools/string_util.py": "a = 1\n"})
        self.assertEqual(self.findings({
            "src/base/result.cpp": source("base", "struct Metadata {};\n")}), [])

    def test_banned_code(self):
        for code in ("std::chrono::system_clock::now();", "int a = std::rand();", "system(a);",
                     "strcpy(a, b);", "std::regex a;", "using namespace std;", "std::cout << 1;",
                     "printf(a);", "assert(a);", "throw 1;", "int a = atoi(b);",
                     "try {} catch (int) {}"):
            path = "src/yolo/nms.cpp"
            body = CLEAN[path] + f"void F() {{\n  {code}\n}}\n"
            with self.subTest(code):
                self.assert_finds("banned code", path, {path: body}, line=5)

    def test_code_that_only_looks_banned(self):
        for code in ('Log("throw assert( std::cout");', "// printf( what it throws",
                     "static_assert(true);", "file.system(1);", "using namespace std::literals;",
                     "std::snprintf(a, 1, b);"):
            with self.subTest(code):
                self.assertEqual(self.findings({
                    "src/base/result.cpp": source("base", f"void F() {{\n  {code}\n}}\n")}), [])

    def test_a_silenced_check_says_why(self):
        self.assert_code("nolint", "int a;  // NOLINT\n", line=3)
        self.assert_code("nolint", "// NOLINTNEXTLINE(bugprone-*)\n", line=3)
        self.assertEqual(self.findings({"src/base/result.cpp": source(
            "base", "// NOLINTNEXTLINE(bugprone-*): the reason\n")}), [])

    def test_documents(self):
        self.assert_finds("readme", "src/base/README.md", {"src/base/README.md": None,
                                                           "README.md": "# A\n"})
        self.assert_finds("readme", "src/base/README.md",
                          {"src/base/README.md": "# base\n" + "a\n" * 30})
        self.assert_finds("title", "tools/README.md", {"tools/README.md": "tools\n"})
        for target in ("gone.md", "#gone", "src/base/README.md#gone"):
            with self.subTest(target):
                self.assert_finds("link", "README.md", {"README.md": f"# A\n\n[a]({target})\n"},
                                  line=3)
        self.assertEqual(self.findings({
            "README.md": "# A\n\n`[a](gone.md)` [b](https://a.example/x)\n```\n[c](d)\n```\n"}), [])

    def test_promises_name_tests_that_exist(self):
        def threats(*words):
            return {"docs/README.md": "# docs\n",
                    "src/base/result_test.cpp": CLEAN["src/base/result_test.cpp"]
                    + "TEST_F(Door, Opens) {}\n",
                    "tests/e2e/test_it.py": "class Serve:\n    def test_a(self):\n        pass\n",
                    "docs/threat_model.md": "# Threats\n\n" + "\n".join(f"`{w}`" for w in words)}
        there = threats("Door.Opens", "Door.*", "Serve.test_a", "Serve.*", "tests/e2e", "src/base")
        there["docs/threat_model.md"] += "\n"
        self.assertEqual(self.findings(there), [])
        for word in ("Door.Shuts", "Window.*", "Serve.test_b", "tests/e2e/test_no.py", "nms_fuzz"):
            gone = threats(word)
            gone["docs/threat_model.md"] += "\n"
            self.assert_finds("promise", "docs/threat_model.md", gone, line=3)


class FunctionsTest(unittest.TestCase):
    def test_bodies_are_told_from_other_braces(self):
        code = "\n".join(["constexpr int kA[] = {", "    1,", "};",
                          "struct B { int c; };", "B::B() : c_{1}, d_(2) {", "}",
                          "#define M(x) do {", "template <class T>", "int F(T t) {",
                          "  if (t) {", "  }", "}", "enum class E : int {", "  kA,", "};"])
        self.assertEqual(cpp_source.functions(code), [(5, 2), (9, 4)])

    def test_separators_of_digits_are_no_literals(self):
        text = "int a = 1'000 + 2'000; // 'x'\nchar b = 'c';"
        self.assertEqual(cpp_source.without_comments_and_literals(text),
                         "int a = 1'000 + 2'000; \nchar b = \"\";")

    def test_raw_literals_keep_their_lines(self):
        text = 'auto a = R"(throw "\n{ //)";\nint b;'
        self.assertEqual(cpp_source.without_comments_and_literals(text),
                         'auto a = ""\n;\nint b;')


class ProgramTest(unittest.TestCase):
    def test_exit_status_says_whether_there_was_a_finding(self):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, str(pathlib.Path(tidy.__file__)), folder]
            file = pathlib.Path(folder, "a.py")
            file.write_text("a = 1\n")
            clean = subprocess.run(command, capture_output=True, text=True)
            file.write_text("a = 1")
            dirty = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual((clean.returncode, clean.stdout), (0, "tidy: 1 files, 0 findings\n"))
        self.assertEqual(dirty.returncode, 1)
        self.assertEqual(dirty.stdout, "a.py:1: final newline: end the file with one\n"
                                       "tidy: 1 files, 1 findings\n")


if __name__ == "__main__":
    unittest.main()
