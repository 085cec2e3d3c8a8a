// SPDX-License-Identifier: Apache-2.0
// A recorded cgroup hierarchy for tests: folders and plain files in a temporary folder.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

namespace bulkhead::isolation {

class RecordedTree {
 public:
  RecordedTree()
      : root_(std::filesystem::path(testing::TempDir()) /
              ("bulkhead-cgroups-" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
  }
  RecordedTree(const RecordedTree&) = delete;
  RecordedTree& operator=(const RecordedTree&) = delete;
  ~RecordedTree() { std::filesystem::remove_all(root_); }

  // `path` begins with "/".
  [[nodiscard]] std::filesystem::path At(const std::string& path) const {
    return root_.string() + path;
  }
  void Write(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories(At(path).parent_path());
    std::ofstream(At(path)) << text;
  }
  [[nodiscard]] std::string Read(const std::string& path) const {
    std::ifstream file(At(path));
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] const std::filesystem::path& root() const { return root_; }

 private:
  std::filesystem::path root_;
};

}  // namespace bulkhead::isolation
