// SPDX-License-Identifier: Apache-2.0
// What the tests of every Store share. An implementation joins with INSTANTIATE_TEST_SUITE_P.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/store.h"

namespace bulkhead::store {

// Where one store lives: empty at first, and gone with the object.
class StorePlace {
 public:
  StorePlace() = default;
  StorePlace(const StorePlace&) = delete;
  StorePlace& operator=(const StorePlace&) = delete;
  virtual ~StorePlace() = default;
  // One more connection; several may be open at once.
  virtual base::Result<std::unique_ptr<Store>> Open() = 0;
  // The same with the tables of an earlier version.
  virtual base::Result<std::unique_ptr<Store>> OpenVersion(std::size_t version) = 0;
};

struct StoreImplementation {
  std::string name;
  std::function<std::unique_ptr<StorePlace>()> make;  // nullptr: it cannot be had here
};

inline void PrintTo(const StoreImplementation& implementation, std::ostream* out) {
  *out << implementation.name;
}

class StoreContract : public testing::TestWithParam<StoreImplementation> {
 protected:
  void SetUp() override {
    place_ = GetParam().make();
    ASSERT_NE(place_, nullptr);
    store_ = Open();
    ASSERT_NE(store_, nullptr);
  }

  std::unique_ptr<Store> Open() {
    auto store = place_->Open();
    EXPECT_TRUE(store.ok()) << (store.ok() ? "" : store.error().detail);
    return store.ok() ? std::move(store).value() : nullptr;
  }

  // Applies at the present revision; the code of the failure, if it is one.
  std::optional<base::Code> Apply(const std::vector<Change>& changes) {
    const auto revision = store_->Revision();
    if (!revision.ok()) return revision.error().code;
    const auto applied = store_->Apply(revision.value(), changes);
    if (!applied.ok()) return applied.error().code;
    EXPECT_EQ(applied.value(), revision.value() + (changes.empty() ? 0 : 1));
    return std::nullopt;
  }

  Snapshot Load() { return LoadFrom(*store_); }

  static Snapshot LoadFrom(Store& store) {
    auto snapshot = store.Load();
    EXPECT_TRUE(snapshot.ok()) << (snapshot.ok() ? "" : snapshot.error().detail);
    return snapshot.ok() ? std::move(snapshot).value() : Snapshot{};
  }

  std::unique_ptr<StorePlace> place_;
  std::unique_ptr<Store> store_;
};

inline std::array<std::byte, 32> Bytes32(int first) {
  std::array<std::byte, 32> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>(static_cast<std::size_t>(first) + i);
  }
  return bytes;
}

inline tenant::Tenant ATenant(const std::string& id) {
  tenant::Tenant tenant;
  tenant.id = {id};
  tenant.name = "name-of-" + id;
  tenant.created_unix_ms = 1'700'000'000'000;
  return tenant;
}

inline tenant::Key AKey(const std::string& id, const std::string& tenant) {
  tenant::Key key;
  key.id = {id};
  key.tenant = {tenant};
  key.label = "line 3";
  key.secret_hmac = Bytes32(7);
  key.scopes = 3;
  key.created_unix_ms = 1'700'000'000'001;
  return key;
}

inline tenant::ModelVersion AModel(const std::string& tenant, const std::string& model,
                                   tenant::Version version) {
  return {{tenant},  {model},          version, Bytes32(static_cast<int>(version)),
          6'300'000, 1'700'000'000'002};
}

inline tenant::Deployment ADeployment(const std::string& id, const std::string& tenant,
                                      const std::string& model, tenant::Version version) {
  return {{id}, {tenant}, {model}, version, "cpu:2c4g", 2, true, 1'700'000'000'003};
}

}  // namespace bulkhead::store
