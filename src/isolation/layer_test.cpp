// SPDX-License-Identifier: Apache-2.0
#include "isolation/layer.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::isolation {
namespace {

TEST(Layer, HasANameOfItsOwnThatParsesBack) {
  std::set<std::string_view> names;
  for (const Layer layer : LayerSet::All().List()) {
    names.insert(LayerName(layer));
    EXPECT_EQ(ParseLayer(LayerName(layer)), layer);
  }
  EXPECT_EQ(names.size(), kLayerCount);
}

TEST(Layer, IsCalledWhatPoliciesAndReportsCallIt) {
  EXPECT_EQ(LayerName(Layer::kUserNamespace), "user-namespace");
  EXPECT_EQ(LayerName(Layer::kPrivateRoot), "private-root");
  EXPECT_EQ(LayerName(Layer::kSyscallFilter), "syscall-filter");
  EXPECT_EQ(LayerName(Layer::kCgroupCpus), "cgroup-cpus");
}

TEST(Layer, RefusesNamesThatAreNone) {
  for (const std::string_view name : {"", "user", "User-Namespace", "landlock "}) {
    EXPECT_EQ(ParseLayer(name), std::nullopt) << name;
  }
}

TEST(LayerSet, ListsWhatWasAddedAndNotRemovedInTheOrderOfTheLayers) {
  LayerSet layers = {Layer::kLandlock, Layer::kUserNamespace, Layer::kOwnUser};
  layers.Remove(Layer::kOwnUser);
  EXPECT_THAT(layers.List(), testing::ElementsAre(Layer::kUserNamespace, Layer::kLandlock));
  EXPECT_FALSE(layers.Has(Layer::kOwnUser));
  EXPECT_FALSE(layers.empty());
  EXPECT_TRUE(LayerSet().empty());
}

}  // namespace
}  // namespace bulkhead::isolation
