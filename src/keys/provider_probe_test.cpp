// SPDX-License-Identifier: Apache-2.0
#include "keys/provider_probe.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace bulkhead::keys {
namespace {

namespace fs = std::filesystem;

class ProviderProbe : public testing::Test {
 protected:
  ProviderProbe() {
    std::string name = (fs::temp_directory_path() / "keys-XXXXXX").string();
    folder_ = ::mkdtemp(name.data()) == nullptr ? "" : name;
    std::ofstream(folder_ / "secret") << "1234\n";
    fs::permissions(folder_ / "secret", fs::perms::owner_read);
  }
  ~ProviderProbe() override { fs::remove_all(folder_); }

  fs::path folder_;
};

TEST_F(ProviderProbe, NamesEveryProviderAndSaysWhatItFound) {
  const auto findings = ProbeProviders();
  ASSERT_EQ(findings.size(), 3U);
  EXPECT_EQ(findings[0].name, "file");
  EXPECT_TRUE(findings[0].works);
  EXPECT_EQ(findings[1].name, "pkcs11");
  EXPECT_EQ(findings[2].name, "transit");
  for (const auto& finding : findings) EXPECT_FALSE(finding.text.empty()) << finding.name;
}

TEST_F(ProviderProbe, MakesNoKeyring) {
  const std::string url = "file:" + (folder_ / "keys").string();
  EXPECT_TRUE(ProbeProvider(url).value().works);
  EXPECT_FALSE(fs::exists(folder_ / "keys"));
  EXPECT_FALSE(ProbeProvider("file:" + (folder_ / "missing" / "keys").string()).value().works);
}

TEST_F(ProviderProbe, SaysThatAServerDoesNotAnswer) {
  // Nobody listens there: the port belongs to root, and to no service.
  const auto finding = ProbeProvider("transit:https://127.0.0.1:1/transit?token-source=file:" +
                                     (folder_ / "secret").string());
  ASSERT_TRUE(finding.ok());
  EXPECT_FALSE(finding.value().works);
  EXPECT_NE(finding.value().text.find("127.0.0.1:1"), std::string::npos) << finding.value().text;
}

TEST_F(ProviderProbe, SaysThatAModuleIsMissing) {
  const auto finding = ProbeProvider("pkcs11:token=a?module-path=/missing.so&pin-source=file:" +
                                     (folder_ / "secret").string());
  ASSERT_TRUE(finding.ok());
  EXPECT_FALSE(finding.value().works);
  EXPECT_NE(finding.value().text.find("/missing.so"), std::string::npos);
}

TEST_F(ProviderProbe, RefusesATextThatNamesNone) { EXPECT_FALSE(ProbeProvider("vault:").ok()); }

}  // namespace
}  // namespace bulkhead::keys
