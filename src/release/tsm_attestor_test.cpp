// SPDX-License-Identifier: Apache-2.0
// On a folder with what a kernel's holds; there is no confidential machine to run this on.
#include "release/tsm_attestor.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>

#include <gtest/gtest.h>

#include "release/tpm_quote.h"

namespace bulkhead::release {
namespace {

using base::Code;
namespace fs = std::filesystem;

class TsmAttestorTest : public testing::Test {
 protected:
  TsmAttestorTest() {
    std::string name = (fs::temp_directory_path() / "tsm-XXXXXX").string();
    reports_ = ::mkdtemp(name.data()) == nullptr ? "" : name;
    fs::create_directory(reports_ / "bulkhead");
    Write("inblob", "");
    Write("outblob", "report");
    Write("auxblob", "certificates");
    Write("provider", "tdx_guest\n");
    Write("generation", "7\n");
  }
  ~TsmAttestorTest() override { fs::remove_all(reports_); }

  void Write(const std::string& name, const std::string& content) {
    std::ofstream(reports_ / "bulkhead" / name, std::ios::binary) << content;
  }
  base::Result<Evidence> Attest() {
    return MakeTsmAttestor({reports_, "bulkhead"})->Attest(nonce_);
  }
  std::optional<Code> Fails() {
    const auto evidence = Attest();
    return evidence.ok() ? std::optional<Code>() : evidence.error().code;
  }

  fs::path reports_;
  Nonce nonce_{std::byte{1}, std::byte{2}};
};

TEST_F(TsmAttestorTest, TakesTheReportForItsNonce) {
  const auto evidence = Attest();
  ASSERT_TRUE(evidence.ok()) << evidence.error().detail;
  EXPECT_EQ(evidence.value().kind, "tdx_guest");
  EXPECT_EQ(evidence.value().statement.size(), 6U);
  EXPECT_EQ(evidence.value().signature.size(), 12U);
  std::ifstream stream(reports_ / "bulkhead" / "inblob", std::ios::binary);
  const std::string user{std::istreambuf_iterator<char>(stream), {}};
  EXPECT_EQ(user, "\x01\x02" + std::string(62, '\0'));
}

TEST_F(TsmAttestorTest, DoesWithoutCertificates) {
  fs::remove(reports_ / "bulkhead" / "auxblob");
  const auto evidence = Attest();
  ASSERT_TRUE(evidence.ok());
  EXPECT_TRUE(evidence.value().signature.empty());
}

TEST_F(TsmAttestorTest, GivesNothingThatIsReleasedFor) {
  const auto evidence = Attest();
  const auto checked = CheckEvidence(evidence.value(), nonce_);
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().code, Code::kUnsupported);
}

TEST_F(TsmAttestorTest, FailsWhereTheReportIsMissingEmptyOrTooLong) {
  Write("outblob", "");
  EXPECT_EQ(Fails(), Code::kUnavailable);
  Write("outblob", std::string((1U << 20) + 1, 'x'));
  EXPECT_EQ(Fails(), Code::kUnavailable);
  fs::remove(reports_ / "bulkhead" / "outblob");
  EXPECT_EQ(Fails(), Code::kNotFound);
}

TEST_F(TsmAttestorTest, FailsWhereTheProviderHasNoName) {
  Write("provider", "\x1b[2J\n");
  EXPECT_EQ(Fails(), Code::kUnavailable);
}

TEST_F(TsmAttestorTest, SaysThatThisIsNoSuchMachine) {
  reports_ /= "missing";
  EXPECT_EQ(Fails(), Code::kNotFound);
  reports_ = reports_.parent_path();
}

}  // namespace
}  // namespace bulkhead::release
