// SPDX-License-Identifier: Apache-2.0
#include "keys/open_provider.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace bulkhead::keys {
namespace {

using base::Code;
namespace fs = std::filesystem;

class OpenProviderTest : public testing::Test {
 protected:
  OpenProviderTest() {
    std::string name = (fs::temp_directory_path() / "keys-XXXXXX").string();
    folder_ = ::mkdtemp(name.data()) == nullptr ? "" : name;
  }
  ~OpenProviderTest() override {
    ::unsetenv("CREDENTIALS_DIRECTORY");
    fs::remove_all(folder_);
  }

  static std::string Refusal(const std::string& text, bool passphrase = false) {
    std::optional<base::SecretBytes> secret;
    if (passphrase) secret = base::SecretBytes::Allocate(8).value();
    const auto opened = OpenProvider(text, std::move(secret));
    return opened.ok() ? "" : opened.error().detail;
  }
  void Secret(const std::string& name) {
    std::ofstream(folder_ / name) << "1234\n";
    fs::permissions(folder_ / name, fs::perms::owner_read);
  }

  fs::path folder_;
};

TEST_F(OpenProviderTest, OpensAKeyring) {
  EXPECT_EQ(Refusal("file:" + (folder_ / "keys").string()), "");
  EXPECT_TRUE(fs::exists(folder_ / "keys"));
  EXPECT_EQ(Refusal("file:" + (folder_ / "sealed").string(), true), "");
}

TEST_F(OpenProviderTest, OpensAnEngineWithoutAskingIt) {
  Secret("token");
  const std::string url = "transit:https://127.0.0.1:1/transit?token-source=";
  EXPECT_EQ(Refusal(url + "file:" + (folder_ / "token").string()), "");
  EXPECT_NE(Refusal(url + "file:/a", true).find("passphrase"), std::string::npos);
}

TEST_F(OpenProviderTest, ReadsAPinBeforeItLoadsAModule) {
  const std::string url = "pkcs11:token=a?module-path=/usr/lib/missing.so&pin-source=";
  const std::string pin = (folder_ / "pin").string();
  EXPECT_NE(Refusal(url + "file:" + pin).find(pin), std::string::npos);
  Secret("pin");
  EXPECT_NE(Refusal(url + "file:" + pin).find("missing.so"), std::string::npos);
}

TEST_F(OpenProviderTest, FindsCredentialsWhereSystemdPutsThem) {
  const std::string url =
      "pkcs11:token=a?module-path=/usr/lib/missing.so&pin-source=credential:pin";
  EXPECT_NE(Refusal(url).find("CREDENTIALS_DIRECTORY"), std::string::npos);
  Secret("pin");
  ::setenv("CREDENTIALS_DIRECTORY", folder_.c_str(), 1);
  EXPECT_NE(Refusal(url).find("missing.so"), std::string::npos);
}

}  // namespace
}  // namespace bulkhead::keys
