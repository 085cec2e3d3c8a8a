// SPDX-License-Identifier: Apache-2.0
// Kills of a program that writes, after which what it had not synced is lost.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace unsynced {

struct Blow {
  bool in_sync = true;  // in its sync of this number; else after so many acknowledgements
  uint64_t at = 1;
  bool deaf = false;  // its syncs do nothing, which a test must notice
};

// Runs `command`, whose every line of output acknowledges something, over what lies in `folder`,
// and strikes it. Its whole lines; none, and a failure, when it ended by itself.
std::vector<std::string> Strike(const std::filesystem::path& folder,
                                const std::filesystem::path& book, std::vector<std::string> command,
                                const Blow& blow, std::mt19937_64& chance);

inline uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

// UnderFire(seed): Strike(deaf) its writer, Judge() what is left ("": nothing is wrong), and say
// what was acknowledged(). BULKHEAD_SEED and BULKHEAD_KILLS choose another run. A folder is struck
// `kills_each` times, so that opening and reading stay short.
template <typename UnderFire>
void ExpectToSurvive(uint64_t kills_each) {
  const uint64_t seed = FromEnvironment("BULKHEAD_SEED", std::random_device{}());
  const uint64_t kills = FromEnvironment("BULKHEAD_KILLS", 40);
  std::cout << "BULKHEAD_SEED=" << seed << " BULKHEAD_KILLS=" << kills << std::endl;
  std::size_t acknowledged = 0;
  for (uint64_t kill = 0; kill < kills;) {
    UnderFire fire(seed + kill);
    for (uint64_t at = 0; at < kills_each && kill < kills; ++at, ++kill) {
      ASSERT_NO_FATAL_FAILURE(fire.Strike(false));
      ASSERT_EQ(fire.Judge(), "") << "after kill " << kill;
    }
    acknowledged += fire.acknowledged();
  }
  EXPECT_GT(acknowledged, 0U);
}

// The test itself would notice a writer that does not sync.
template <typename UnderFire>
void ExpectToFailUnsynced() {
  std::string wrong;
  for (uint64_t seed = 1; wrong.empty() && seed < 20; ++seed) {
    UnderFire fire(seed);
    fire.Strike(true);
    wrong = fire.Judge();
  }
  EXPECT_NE(wrong, "");
}

}  // namespace unsynced
