// SPDX-License-Identifier: Apache-2.0
// The files and folders of a cgroup hierarchy. Every error's detail names the path.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "base/result.h"

namespace bulkhead::isolation {

// The text of a file of the kernel, whose size is not known before. kExhausted: over 16 MiB; else
// as base::ErrnoError.
base::Result<std::string> ReadControl(const std::filesystem::path& file);

// The same without white space at its end.
base::Result<std::string> ReadValue(const std::filesystem::path& file);

// One write, as the kernel wants it. kUnavailable: taken in part; else as base::ErrnoError.
base::Status WriteControl(const std::filesystem::path& file, std::string_view text);

// Writes and reads back: kUnavailable when the kernel then says another value than `expected`.
base::Status WriteChecked(const std::filesystem::path& file, std::string_view text,
                          std::string_view expected);

// Words of a control file such as cgroup.controllers; none where it cannot be read.
std::vector<std::string> ReadWords(const std::filesystem::path& file);

// The number after `key` in a file of "KEY NUMBER" lines; 0 where there is none.
int64_t ReadCount(const std::filesystem::path& file, std::string_view key);

// The processes of a group, as numbers of our pid namespace; 0 for each that it cannot name.
base::Result<std::vector<pid_t>> ReadProcesses(const std::filesystem::path& group);

base::Status MoveProcess(const std::filesystem::path& group, pid_t pid);

// As base::ErrnoError; kConflict: it exists.
base::Status MakeGroup(const std::filesystem::path& group);

// Bytes as a limit of memory keeps them: the kernel counts whole pages.
int64_t WholePages(int64_t bytes);

}  // namespace bulkhead::isolation
