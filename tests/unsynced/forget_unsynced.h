// SPDX-License-Identifier: Apache-2.0
// What a loss of power may leave of a folder, given the book of what was synced (book.h).
#pragma once

#include <filesystem>
#include <random>

namespace unsynced {

// Begins a book in which everything below `folder` is durable as it is.
void BeginBook(const std::filesystem::path& folder, const std::filesystem::path& book);

// Of each file, what lies behind its synced length is cut off, or kept in part, or kept with holes
// of 512 bytes, by chance; each 512 bytes that were written over since its sync may be as they
// were. A name that its folder was not synced with may be gone. What was removed or replaced
// without a sync stays so. Begins the book anew.
void ForgetUnsynced(const std::filesystem::path& folder, const std::filesystem::path& book,
                    std::mt19937_64& chance);

}  // namespace unsynced
