// SPDX-License-Identifier: Apache-2.0
// What the tests of every KeyProvider share. An implementation joins with INSTANTIATE_TEST_SUITE_P.
#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include <gtest/gtest.h>

#include "keys/key_provider.h"

namespace bulkhead::keys {

// Where keys live: empty at first, and gone with the object.
class KeyPlace {
 public:
  KeyPlace() = default;
  KeyPlace(const KeyPlace&) = delete;
  KeyPlace& operator=(const KeyPlace&) = delete;
  virtual ~KeyPlace() = default;
  // What a restarted node would open. One at a time.
  virtual base::Result<std::unique_ptr<KeyProvider>> Open() = 0;
};

struct KeyImplementation {
  std::string name;
  std::function<std::unique_ptr<KeyPlace>()> make;
};

inline void PrintTo(const KeyImplementation& implementation, std::ostream* out) {
  *out << implementation.name;
}

class KeyContract : public testing::TestWithParam<KeyImplementation> {
 protected:
  void SetUp() override {
    place_ = GetParam().make();
    ASSERT_NE(place_, nullptr);
    Reopen();
  }

  void Reopen() {
    keys_.reset();
    auto opened = place_->Open();
    ASSERT_TRUE(opened.ok()) << opened.error().detail;
    keys_ = std::move(opened).value();
  }

  std::unique_ptr<KeyPlace> place_;
  std::unique_ptr<KeyProvider> keys_;
};

}  // namespace bulkhead::keys
