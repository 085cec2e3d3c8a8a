// SPDX-License-Identifier: Apache-2.0
// Quotes of swtpm, a TPM in a program of its own, and what is made of them.
#include "release/tpm_attestor.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "release/tpm_bytes.h"
#include "release/tpm_quote.h"

namespace bulkhead::release {
namespace {

using base::Code;
namespace fs = std::filesystem;

constexpr const char* kProgram = "/usr/bin/swtpm";

class NeedsSwtpm final : public testing::Environment {
 public:
  void SetUp() override {
    if (!fs::exists(kProgram)) GTEST_SKIP() << "no swtpm on this machine (Debian: swtpm)";
  }
};

const auto* const kNeedsSwtpm = testing::AddGlobalTestEnvironment(new NeedsSwtpm);

class TpmAttestorTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "tpm-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    Start();
  }
  void TearDown() override {
    Stop();
    fs::remove_all(folder_);
  }

  // Connected to the attestor; its state is kept in the folder.
  void Start() {
    std::array<int, 2> ends{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    const std::string state = "dir=" + folder_.string();
    program_ = ::fork();
    if (program_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::dup2(ends[0], 5) != 5) ::_exit(126);
      ::execl(kProgram, "swtpm", "socket", "--tpm2", "--fd", "5", "--tpmstate", state.c_str(),
              "--flags", "not-need-init,startup-clear", nullptr);
      ::_exit(127);
    }
    ::close(ends[0]);
    connection_ = ends[1];
    attestor_ = MakeTpmAttestor(base::UniqueFd(ends[1]), {0, 7, 16});
  }
  void Stop() {
    attestor_.reset();
    ::kill(program_, SIGKILL);
    ::waitpid(program_, nullptr, 0);
  }

  // Adds to register 16, which anybody may change.
  void Extend() {
    TpmWriter command;
    command.Write<uint16_t>(0x8002);
    command.Write<uint32_t>(65);
    command.Write<uint32_t>(0x182);  // PCR_Extend
    command.Write<uint32_t>(16);
    command.Write<uint32_t>(9);
    command.Write<uint32_t>(0x40000009);
    command.Write<uint32_t>(0);
    command.Write<uint8_t>(0);
    command.Write<uint32_t>(1);
    command.Write<uint16_t>(0x000B);
    command.WriteBytes(base::Sha256Digest{std::byte{1}});
    const auto& bytes = command.bytes();
    ASSERT_EQ(bytes.size(), 65U);
    ASSERT_EQ(::write(connection_, bytes.data(), bytes.size()), 65);
    std::array<std::byte, 64> answer{};
    ASSERT_EQ(::read(connection_, answer.data(), answer.size()), 19);
    ASSERT_EQ(answer[9], std::byte{0});
  }

  Evidence Attest() {
    auto evidence = attestor_->Attest(nonce_);
    EXPECT_TRUE(evidence.ok()) << evidence.error().detail;
    return evidence.ok() ? std::move(evidence).value() : Evidence{};
  }
  std::optional<Code> Check(const Evidence& evidence) {
    const auto checked = CheckEvidence(evidence, nonce_);
    return checked.ok() ? std::optional<Code>() : checked.error().code;
  }

  fs::path folder_;
  pid_t program_ = -1;
  int connection_ = -1;
  std::unique_ptr<Attestor> attestor_;
  Nonce nonce_{std::byte{1}, std::byte{2}};
};

TEST_F(TpmAttestorTest, ProvesWhatItsRegistersHold) {
  const Evidence evidence = Attest();
  const auto attested = CheckEvidence(evidence, nonce_);
  ASSERT_TRUE(attested.ok()) << attested.error().detail;
  EXPECT_EQ(attested.value().pcrs.size(), 3U);
  EXPECT_EQ(attested.value().pcrs.at(7), base::Sha256Digest{});
}

TEST_F(TpmAttestorTest, SignsWithTheSameKeyAfterARestart) {
  const Evidence before = Attest();
  Stop();
  Start();
  EXPECT_EQ(Attest().key, before.key);
  Stop();
  // Another TPM.
  fs::remove_all(folder_);
  fs::create_directory(folder_);
  Start();
  EXPECT_NE(Attest().key, before.key);
}

TEST_F(TpmAttestorTest, ShowsAChangeOfARegister) {
  const Evidence before = Attest();
  Extend();
  Evidence after = Attest();
  EXPECT_EQ(Check(after), std::nullopt);
  EXPECT_NE(after.pcrs.at(16), before.pcrs.at(16));
  // What it held before is no longer what is quoted.
  after.pcrs = before.pcrs;
  EXPECT_EQ(Check(after), Code::kInvalid);
}

TEST_F(TpmAttestorTest, IsGoodForOneNonce) {
  const Evidence evidence = Attest();
  nonce_[31] = std::byte{1};
  EXPECT_EQ(Check(evidence), Code::kInvalid);
}

TEST_F(TpmAttestorTest, IsRefusedWithAnyByteChanged) {
  const Evidence good = Attest();
  ASSERT_EQ(Check(good), std::nullopt);
  for (auto part : {&Evidence::statement, &Evidence::signature, &Evidence::key}) {
    for (std::size_t at = 0; at < (good.*part).size(); ++at) {
      Evidence changed = good;
      (changed.*part)[at] ^= std::byte{0x01};
      const auto attested = CheckEvidence(changed, nonce_);
      // Another attribute of the key is another key, which no policy names.
      const bool another = attested.ok() && part == &Evidence::key &&
                           attested.value().key != base::Sha256Of(good.key);
      EXPECT_TRUE(!attested.ok() || another) << at;
    }
    Evidence cut = good;
    (cut.*part).pop_back();
    EXPECT_NE(Check(cut), std::nullopt);
    Evidence longer = good;
    (longer.*part).push_back(std::byte{0});
    EXPECT_NE(Check(longer), std::nullopt);
  }
}

TEST_F(TpmAttestorTest, IsRefusedWithRegistersLeftOutOrAdded) {
  Evidence evidence = Attest();
  evidence.pcrs.erase(7);
  EXPECT_EQ(Check(evidence), Code::kInvalid);
  evidence = Attest();
  evidence.pcrs[8] = {};
  EXPECT_EQ(Check(evidence), Code::kInvalid);
}

TEST_F(TpmAttestorTest, IsRefusedFromAKeyThatSignsAnything) {
  Evidence evidence = Attest();
  // The attribute "restricted", in the second byte of four after two algorithms.
  evidence.key[5] ^= std::byte{0x01};
  EXPECT_EQ(Check(evidence), Code::kInvalid);
}

TEST_F(TpmAttestorTest, LeavesRoomInTheTpm) {
  for (int i = 0; i < 8; ++i) EXPECT_EQ(Check(Attest()), std::nullopt) << i;
}

TEST_F(TpmAttestorTest, IsUnavailableWhereTheTpmIsGone) {
  ::kill(program_, SIGKILL);
  ::waitpid(program_, nullptr, 0);
  std::signal(SIGPIPE, SIG_IGN);
  const auto evidence = attestor_->Attest(nonce_);
  ASSERT_FALSE(evidence.ok());
  EXPECT_EQ(evidence.error().code, Code::kUnavailable);
}

TEST(TpmDevice, SaysThatThereIsNone) {
  const auto opened = OpenTpmAttestor("/dev/missing-tpm", {7});
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, Code::kNotFound);
}

}  // namespace
}  // namespace bulkhead::release
