// SPDX-License-Identifier: Apache-2.0
// Which system calls a worker may make, as a table: values only. Two readers judge by it that share
// no code: syscall_filter, which makes the kernel's program of it, and Expect, which says what that
// program must answer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace bulkhead::lockdown {

// kStarting: from before exec until the model is loaded and warm; what the dynamic loader and ONNX
// Runtime on a CPU need to load, map and start threads. kServing: over all threads, while a
// tenant's frames are processed. Both name what is allowed; every other call is fatal, and so is
// every call by another convention (i386, x32) than the one the program was built for. A filter
// that comes later only narrows.
enum class Stage : uint8_t { kStarting, kServing };

// What becomes of a call.
enum class Verdict : uint8_t { kAllowed, kRefused /* an errno, harmless */, kFatal };

// True when (argument & mask) == value. A mask of 32 ones judges what the kernel takes as an int
// or unsigned int: it drops the upper half, and so must the test.
struct ArgumentTest {
  uint8_t index = 0;
  uint64_t mask = 0;
  uint64_t value = 0;
};

// One call, or one form of a call, that is not fatal. A row applies when all its tests are true;
// rows of one number and stage have the same verdict.
struct PolicyRow {
  int number = -1;
  Verdict starting = Verdict::kFatal;
  Verdict serving = Verdict::kFatal;
  std::string_view reason;
  std::array<ArgumentTest, 2> tests{};
  std::size_t test_count = 0;
  int refusal = 0;  // the errno of kRefused
};

// Sorted by purpose. The numbers are those of the architecture that this build is for.
std::span<const PolicyRow> PolicyRows();

// The AUDIT_ARCH_ value of this build.
uint32_t NativeArch();

// What the policy says about a call, as seccomp sees it: `number` with the x32 bit, arguments as
// the registers hold them.
Verdict Expect(Stage stage, uint32_t arch, int number, const std::array<uint64_t, 6>& arguments);

}  // namespace bulkhead::lockdown
