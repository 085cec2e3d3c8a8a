// SPDX-License-Identifier: Apache-2.0
#include "migparted/document.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::migparted {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// One entry with these fields, in a configuration "c".
std::string WithEntry(const std::string& fields) {
  return "version: v1\nmig-configs:\n  c:\n    - {" + fields + "}\n";
}

Entry EntryOf(const std::string& fields) {
  const auto document = ParseDocument(WithEntry(fields));
  EXPECT_TRUE(document.ok()) << document.error().public_message;
  return document.value().configs.at(0).entries.at(0);
}

std::string RefusalOf(const std::string& text) {
  const auto document = ParseDocument(text);
  return document.ok() ? "accepted" : document.error().public_message;
}

std::string RefusalOfEntry(const std::string& fields) { return RefusalOf(WithEntry(fields)); }

TEST(MigPartedDocument, ReadsEveryFormOfADeviceFilter) {
  const std::string rest = ", devices: all, mig-enabled: false";
  EXPECT_THAT(EntryOf("device-filter: \"0x20B010DE\"" + rest).filter,
              ElementsAre(DeviceId{0x20B010DE, std::nullopt}));
  EXPECT_THAT(EntryOf("device-filter: [\"0x20b010de\", \"0x233010DE:0x16C010DE\"]" + rest).filter,
              ElementsAre(DeviceId{0x20B010DE, std::nullopt}, DeviceId{0x233010DE, 0x16C010DE}));
  EXPECT_TRUE(EntryOf("device-filter: \"\"" + rest).filter.empty());
  EXPECT_TRUE(EntryOf("device-filter: []" + rest).filter.empty());
}

TEST(MigPartedDocument, ReadsDevicesAndInstances) {
  const Entry entry =
      EntryOf("devices: [0, 3], mig-enabled: true, mig-devices: {1c.3g.20gb: 1, \"1g.5gb+me\": 0}");
  EXPECT_THAT(*entry.devices, ElementsAre(0, 3));
  ASSERT_EQ(entry.instances.size(), 2U);
  EXPECT_EQ(entry.instances[0].profile.compute_slices, 1);
  EXPECT_EQ(entry.instances[1].profile.media, mig::Media::kAdded);
  EXPECT_EQ(EntryOf("devices: all, mig-enabled: false").devices, std::nullopt);
}

TEST(MigPartedDocument, RefusesWhatMigPartedRefuses) {
  EXPECT_EQ(RefusalOf(""), "line 0: this is not a map with version and mig-configs");
  EXPECT_THAT(RefusalOf("mig-configs: {c: []}"), HasSubstr("version is v1"));
  EXPECT_THAT(RefusalOf("version: v2\nmig-configs: {}\n"), HasSubstr("line 1: version is v1"));
  EXPECT_THAT(RefusalOf("version: v1\nmig-configs: {}\n"), HasSubstr("names configurations"));
  EXPECT_THAT(RefusalOf("version: v1\nmig-configs: {c: []}\n"), HasSubstr("1 to 1024 entries"));
  EXPECT_THAT(RefusalOf("version: v1\nmig-configs: {}\nextra: 1\n"),
              HasSubstr("extra is no field"));
  EXPECT_THAT(RefusalOfEntry("devices: all"), HasSubstr("needs devices and mig-enabled"));
  EXPECT_THAT(RefusalOfEntry("mig-enabled: false"), HasSubstr("needs devices and mig-enabled"));
  EXPECT_THAT(RefusalOfEntry("devices: all, mig-enabled: true"), HasSubstr("needs mig-devices"));
  EXPECT_THAT(RefusalOfEntry("devices: all, mig-enabled: false, mig-devices: {1g.5gb: 1}"),
              HasSubstr("without mig-enabled has no mig-devices"));
  EXPECT_THAT(RefusalOfEntry("devices: all, mig-enabled: false, mig-mode: 1"),
              HasSubstr("mig-mode is no field"));
}

TEST(MigPartedDocument, RefusesValuesOfTheWrongKind) {
  const std::string rest = ", mig-enabled: true, mig-devices: {}";
  for (const char* devices :
       {"some", "\"0\"", "[-1]", "[1024]", "[\"0\"]", "[0.5]", "{}", "", "7"}) {
    EXPECT_THAT(RefusalOfEntry("devices: " + std::string(devices) + rest), HasSubstr("devices"));
  }
  for (const char* filter :
       {"20B010DE", "0x", "0x123456789", "\"0x20B010DE:\"", "[[]]", "{}", "[0x20B010DE x]"}) {
    EXPECT_THAT(RefusalOfEntry("device-filter: " + std::string(filter) + ", devices: all" + rest),
                HasSubstr("device-filter"))
        << filter;
  }
  for (const char* enabled : {"yes", "\"true\"", "1", "", "[]"}) {
    EXPECT_THAT(
        RefusalOfEntry("devices: all, mig-devices: {}, mig-enabled: " + std::string(enabled)),
        HasSubstr("mig-enabled is true or false"));
  }
  for (const char* count : {"-1", "65", "\"1\"", "one", "", "[1]"}) {
    EXPECT_THAT(RefusalOfEntry("devices: all, mig-enabled: true, mig-devices: {1g.5gb: " +
                               std::string(count) + "}"),
                HasSubstr("number of instances"));
  }
  EXPECT_THAT(RefusalOfEntry("devices: all, mig-enabled: true, mig-devices: {small: 1}"),
              HasSubstr("\"small\" is not the name of a profile"));
  EXPECT_THAT(RefusalOfEntry("devices: all, mig-enabled: true, mig-devices: [1g.5gb]"),
              HasSubstr("maps profiles to numbers"));
}

TEST(MigPartedDocument, RefusesNamesThatCannotStandInQuotes) {
  for (const char* name : {"'a\"b'", "a b", "'a\\b'", "\"a\\n\"", "''"}) {
    const std::string text = "version: v1\nmig-configs:\n  " + std::string(name) +
                             ":\n    - {devices: all, mig-enabled: false}\n";
    EXPECT_THAT(RefusalOf(text), HasSubstr("a name that is not allowed")) << name;
  }
  EXPECT_FALSE(FormatDocument({{{"a\nb", {}}}}).ok());
}

TEST(MigPartedDocument, WritesExactlyThis) {
  Document document;
  document.configs.push_back({"mixed", {}});
  document.configs[0].entries.push_back({{{0x20B010DE, std::nullopt}, {0x233010DE, 0x16C010DE}},
                                         std::nullopt,
                                         true,
                                         {{mig::ParseProfileName("1g.5gb+me").value(), 1}}});
  document.configs[0].entries.push_back({{}, std::vector{0, 2}, true, {}});
  document.configs[0].entries.push_back({{}, std::vector{1}, false, {}});
  const std::string text = FormatDocument(document).value();
  EXPECT_EQ(text,
            R"(# Numbers of instances only: this format cannot say where on a GPU each begins, so an
# import finds new places for them.
version: v1
mig-configs:
  "mixed":
    - device-filter: ["0x20B010DE", "0x233010DE:0x16C010DE"]
      devices: all
      mig-enabled: true
      mig-devices:
        "1g.5gb+me": 1
    - devices: [0, 2]
      mig-enabled: true
      mig-devices: {}
    - devices: [1]
      mig-enabled: false
)");
  EXPECT_EQ(ParseDocument(text).value(), document);
}

}  // namespace
}  // namespace bulkhead::migparted
