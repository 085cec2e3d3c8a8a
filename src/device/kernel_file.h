// SPDX-License-Identifier: Apache-2.0
// Texts of /proc and /sys: their size is not known before they are read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bulkhead::device {

// The whole text. ErrnoError with the path; kExhausted: over 4 MiB.
base::Result<std::string> ReadKernelFile(const std::filesystem::path& path);

// A list of numbers as the kernel writes it, "0-3,8\n", ascending; an empty text is an empty list.
// kCorrupt: not such a list, or a number above 65535.
base::Result<std::vector<int>> ParseCpuList(std::string_view text);

// ReadKernelFile and ParseCpuList, with the path in the error.
base::Result<std::vector<int>> ReadCpuList(const std::filesystem::path& path);

// The one number of at least 0 that the file holds. kCorrupt: it holds something else.
base::Result<int64_t> ReadKernelNumber(const std::filesystem::path& path);

// The value of a line "NAME:   1234 kB" of /proc/meminfo, or "NAME 1234" of a cgroup's memory.stat;
// the rest of the line is left away. kCorrupt: no such line.
base::Result<int64_t> NumberOfLine(std::string_view text, std::string_view name);

}  // namespace bulkhead::device
