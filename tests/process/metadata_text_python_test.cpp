// SPDX-License-Identifier: Apache-2.0
// What Python itself reads in the metadata that a client of ours evaluates.
#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/capture_output.h"
#include "yolo/metadata_text.h"
#include "yolo/test_hostile_names.h"

namespace bulkhead {
namespace {

// Refuses anything but literals, and then evaluates as the client does, without any names. Prints
// the code points of every class name.
constexpr const char* kProgram = R"(
import ast, sys
text = sys.argv[1]
read = ast.literal_eval(text)
assert eval(text, {"__builtins__": {}}) == read
assert read["task"] == "detect" and read["imgsz"] == [640, 640] and read["stride"] == 32
assert list(read["names"]) == list(range(len(read["names"])))
for name in read["names"].values():
    print(name.encode().hex())
)";

std::string Hex(const std::string& bytes) {
  std::string hex;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex += "0123456789abcdef"[byte >> 4U];
    hex += "0123456789abcdef"[byte & 15U];
  }
  return hex;
}

TEST(MetadataText, IsNothingButNamesToPython) {
  yolo::ModelSpec spec;
  spec.class_names = yolo::HostileNames();
  const auto output =
      base::CaptureOutput({BULKHEAD_PYTHON3, "-I", "-c", kProgram, yolo::MetadataText(spec)}, {},
                          std::size_t{1} << 20, std::chrono::minutes(1));
  ASSERT_TRUE(output.ok()) << output.error().detail;
  std::string expected;
  for (const std::string& name : spec.class_names) expected += Hex(name) + "\n";
  EXPECT_EQ(output.value().out, expected);
}

}  // namespace
}  // namespace bulkhead
