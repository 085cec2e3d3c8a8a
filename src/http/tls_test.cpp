// SPDX-License-Identifier: Apache-2.0
// TLS as clients see it: certificates and clients are those of the openssl program.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "http/test_client.h"
#include "http/test_server.h"
#include "http/tls_identity.h"

// Overwrites what is freed: the sanitizer does not watch libcrypto, which is to trip over it.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  return "max_free_fill_size=4096:free_fill_byte=253";
}

namespace bulkhead::http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

// What a command of the test's own prints, both ways.
std::string OutputOf(const std::string& command) {
  std::string output;
  FILE* const pipe = ::popen(("(" + command + ") 2>&1").c_str(), "r");
  std::array<char, 4'096> buffer{};
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.append(buffer.data(), count);
  }
  ::pclose(pipe);
  return output;
}

class Tls : public ::testing::Test {
 protected:
  Tls() {
    folder_ = std::filesystem::path(::testing::TempDir()) / ("tls_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    Certify("first");
  }
  ~Tls() override { std::filesystem::remove_all(folder_); }

  void Certify(const std::string& name) {
    const std::string output = OutputOf(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" +
        name + " -keyout '" + Key() + "' -out '" + Certificate() + "'");
    ASSERT_TRUE(std::filesystem::exists(Certificate())) << output;
  }

  std::string Certificate() const { return folder_ / "certificate.pem"; }
  std::string Key() const { return folder_ / "key.pem"; }

  std::shared_ptr<TlsIdentity> Open() {
    auto identity = TlsIdentity::Open(Certificate(), Key());
    EXPECT_TRUE(identity.ok()) << identity.error().detail;
    return std::move(identity).value();
  }

  // A request by the openssl program, and what it says and gets.
  static std::string Ask(uint16_t port, const std::string& options, const std::string& path = "/") {
    return OutputOf("printf 'GET " + path +
                    " HTTP/1.1\\r\\nHost: h\\r\\nConnection: close\\r\\n\\r\\n'"
                    " | timeout 60 openssl s_client -ign_eof " +
                    options + " -connect 127.0.0.1:" + std::to_string(port));
  }

  std::filesystem::path folder_;
};

TEST_F(Tls, AnswersOverVersions12And13) {
  TestServer server({.handle = Describe}, {}, Open());
  const std::string newer = Ask(server.port(), "-tls1_3 -alpn h2,http/1.1", "/a");
  EXPECT_THAT(newer, HasSubstr("HTTP/1.1 200 OK"));
  EXPECT_THAT(newer, HasSubstr("GET /a?"));
  EXPECT_THAT(newer, HasSubstr("TLSv1.3"));
  EXPECT_THAT(newer, HasSubstr("ALPN protocol: http/1.1"));
  const std::string older = Ask(server.port(), "-tls1_2", "/b");
  EXPECT_THAT(older, HasSubstr("GET /b?"));
  EXPECT_THAT(older, HasSubstr("TLSv1.2"));
}

TEST_F(Tls, RefusesOlderVersionsAndCiphersWithoutForwardSecrecy) {
  TestServer server({.handle = Describe}, {}, Open());
  for (const std::string options :
       {"-tls1_1 -cipher ALL:@SECLEVEL=0", "-tls1_2 -cipher AES128-SHA:@SECLEVEL=0"}) {
    EXPECT_THAT(Ask(server.port(), options), Not(HasSubstr("HTTP/1.1"))) << options;
  }
  server.WaitFor([](const Counts& counts) { return counts.shed_tls == 2; });
}

TEST_F(Tls, CarriesLargeBodiesBothWays) {
  TestServer server({.handle = Describe}, {}, Open());
  std::ofstream(folder_ / "body") << std::string(2'000'000, 'x');
  const std::string received = OutputOf(
      "(printf 'POST / HTTP/1.1\\r\\nHost: h\\r\\nConnection: close\\r\\n"
      "Content-Length: 2000000\\r\\n\\r\\n'; cat '" +
      (folder_ / "body").string() +
      "') | timeout 60 openssl s_client -quiet -ign_eof -connect 127.0.0.1:" +
      std::to_string(server.port()));
  EXPECT_TRUE(received.find("\r\n\r\nPOST /? " + std::string(2'000'000, 'x')) != std::string::npos);
}

TEST_F(Tls, TakesANewCertificateWithoutClosingConnections) {
  const auto identity = Open();
  HeldRequests held;
  TestServer server(held.handlers(), {}, identity);
  std::string old;
  std::thread client([&] { old = Ask(server.port(), ""); });
  server.WaitFor([](const Counts& counts) { return counts.requests == 1; });
  Certify("second");
  server.OnIo([&] { EXPECT_TRUE(identity->Reload().ok()); });
  std::string renewed;
  std::thread later([&] { renewed = Ask(server.port(), ""); });
  server.WaitFor([](const Counts& counts) { return counts.requests == 2; });
  for (int i = 0; i < 2; ++i) {
    server.OnIo([&] { held.Answer(MakeResponse(200, "text/plain", std::string("answered"))); });
  }
  client.join();
  later.join();
  // Versions of openssl differ in blanks.
  EXPECT_THAT(old, testing::ContainsRegex("CN ?= ?first"));
  EXPECT_THAT(old, HasSubstr("answered"));
  EXPECT_THAT(renewed, testing::ContainsRegex("CN ?= ?second"));
}

TEST_F(Tls, KeepsTheOldCertificateWhenTheNewOneIsNone) {
  const auto identity = Open();
  const auto before = identity->context();
  std::ofstream(Certificate()) << "nonsense";
  EXPECT_EQ(identity->Reload().error().code, base::Code::kInvalid);
  std::filesystem::remove(Certificate());
  EXPECT_EQ(identity->Reload().error().code, base::Code::kNotFound);
  EXPECT_EQ(identity->context(), before);
}

TEST_F(Tls, WantsTheKeyOfItsCertificate) {
  const std::string other = folder_ / "other.pem";
  std::filesystem::copy(Certificate(), other);
  Certify("second");
  EXPECT_EQ(TlsIdentity::Open(other, Key()).error().code, base::Code::kInvalid);
  EXPECT_EQ(TlsIdentity::Open(Certificate(), Certificate()).error().code, base::Code::kInvalid);
}

TEST_F(Tls, DropsAClientThatDoesNotShakeHands) {
  TestServer server({.handle = Describe}, {}, Open());
  TestClient silent(server.port());
  TestClient plain(server.port());
  plain.Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  (void)plain.ReadToEnd();
  server.WaitFor([](const Counts& counts) { return counts.shed_tls == 1; });
  server.Advance(std::chrono::seconds(10));
  EXPECT_EQ(silent.ReadToEnd(), "");
  EXPECT_EQ(server.counts().shed_head, 1U);
}

}  // namespace
}  // namespace bulkhead::http
