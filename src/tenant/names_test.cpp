// SPDX-License-Identifier: Apache-2.0
#include "tenant/names.h"

#include <string>

#include <gtest/gtest.h>

namespace bulkhead::tenant {
namespace {

TEST(Names, OfTenantsFitACommandLine) {
  for (const char* name : {"a", "7", "plant-2", "a-", "district--9"}) {
    EXPECT_TRUE(IsTenantName(name)) << name;
  }
  for (const char* name : {"", "-a", "Plant", "plant_2", "plant.2", "pl ant", "pl\xc3\xa4nt"}) {
    EXPECT_FALSE(IsTenantName(name)) << name;
  }
  EXPECT_TRUE(IsTenantName(std::string(40, 'a')));
  EXPECT_FALSE(IsTenantName(std::string(41, 'a')));
}

TEST(Names, OfModelsFitAUrlAndHideNoRouteOfIt) {
  for (const char* name : {"yolo11n", "line-3_v2.1", "0", "stats2", "detect", "a.detect2"}) {
    EXPECT_TRUE(IsModelName(name)) << name;
  }
  for (const char* name : {"", ".", "..", ".hidden", "_a", "-a", "stats", "plates.detect", "a/b",
                           "A", "a%2f", "a b", "a\n"}) {
    EXPECT_FALSE(IsModelName(name)) << name;
  }
  EXPECT_TRUE(IsModelName(std::string(63, 'm')));
  EXPECT_FALSE(IsModelName(std::string(64, 'm')));
}

TEST(Names, OfKeysAreWhatAPersonCanRead) {
  EXPECT_TRUE(IsKeyLabel(""));
  EXPECT_TRUE(IsKeyLabel("Kamera Süd, Schicht 2 \xe2\x82\xac"));
  EXPECT_FALSE(IsKeyLabel("a\nb"));
  EXPECT_FALSE(IsKeyLabel("a\x1b[2J"));
  EXPECT_FALSE(IsKeyLabel("\x7f"));
  EXPECT_FALSE(IsKeyLabel("\xc2\x9b"));      // a control of eight bits
  EXPECT_FALSE(IsKeyLabel("\xe2\x80\xae"));  // right to left from here on
  EXPECT_FALSE(IsKeyLabel("\xe2\x81\xa6"));
  EXPECT_FALSE(IsKeyLabel("\xff"));
  EXPECT_FALSE(IsKeyLabel("cut \xe2\x82"));
}

TEST(Names, OfKeysAreCountedInCharacters) {
  std::string label;
  for (int i = 0; i < 80; ++i) label += "\xc3\xa4";
  EXPECT_TRUE(IsKeyLabel(label));
  EXPECT_FALSE(IsKeyLabel(label + "a"));
}

TEST(Names, OfIdsHaveSixteenCharacters) {
  EXPECT_TRUE(IsIdText("0123456789ABCxyz"));
  EXPECT_FALSE(IsIdText("0123456789ABCxy"));
  EXPECT_FALSE(IsIdText("0123456789ABCxyz0"));
  EXPECT_FALSE(IsIdText("0123456789ABC-yz"));
}

TEST(Names, AreRefusedWithTheRule) {
  EXPECT_TRUE(CheckTenantName("plant").ok());
  EXPECT_TRUE(CheckModelName("plates").ok());
  EXPECT_TRUE(CheckKeyLabel("camera").ok());
  for (const base::Status& status :
       {CheckTenantName("Plant"), CheckModelName("stats"), CheckKeyLabel("\n")}) {
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, base::Code::kInvalid);
    EXPECT_NE(status.error().public_message, base::DefaultPublicMessage(base::Code::kInvalid));
  }
}

}  // namespace
}  // namespace bulkhead::tenant
