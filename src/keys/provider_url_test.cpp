// SPDX-License-Identifier: Apache-2.0
#include "keys/provider_url.h"

#include <string>

#include <gtest/gtest.h>

namespace bulkhead::keys {
namespace {

using base::Code;

// The error of a text that is none; empty: it is one.
std::string Refusal(std::string_view text) {
  const auto url = ParseProviderUrl(text);
  if (url.ok()) return "";
  EXPECT_EQ(url.error().code, Code::kInvalid);
  EXPECT_EQ(url.error().detail.find('\n'), std::string::npos);
  return url.error().detail;
}

TEST(ProviderUrl, NamesAKeyringFile) {
  const auto url = ParseProviderUrl("file:/var/lib/bulkhead/keys").value();
  EXPECT_EQ(std::get<FileUrl>(url).path, "/var/lib/bulkhead/keys");
  EXPECT_EQ(std::get<FileUrl>(ParseProviderUrl("file:a:b?c=%41").value()).path, "a:b?c=%41");
}

TEST(ProviderUrl, NamesATokenAsRfc7512Does) {
  const auto url = std::get<Pkcs11Url>(
      ParseProviderUrl("pkcs11:token=The%20plant%3b;serial=00ab?module-path=/usr/lib/p11.so&"
                       "pin-source=file:/etc/bulkhead/pin")
          .value());
  EXPECT_EQ(url.token, "The plant;");
  EXPECT_EQ(url.serial, "00ab");
  EXPECT_EQ(url.module, "/usr/lib/p11.so");
  EXPECT_EQ(url.pin, (SecretSource{"/etc/bulkhead/pin", ""}));
}

TEST(ProviderUrl, NamesAnEngineOfAServer) {
  const auto url = std::get<TransitUrl>(
      ParseProviderUrl("transit:https://[2001:db8::1]:8200/kms/transit?token-source=credential:bao&"
                       "ca=/etc/ca.pem&prefix=eu-&namespace=plants/eu")
          .value());
  EXPECT_EQ(url.origin, "https://[2001:db8::1]:8200");
  EXPECT_EQ(url.mount, "kms/transit");
  EXPECT_EQ(url.token, (SecretSource{"", "bao"}));
  EXPECT_EQ(url.ca, "/etc/ca.pem");
  EXPECT_EQ(url.prefix, "eu-");
  EXPECT_EQ(url.name_space, "plants/eu");
}

TEST(ProviderUrl, TakesAnAgentOnThisMachineWithoutTls) {
  EXPECT_EQ(Refusal("transit:http://127.0.0.1:8100/transit?token-source=file:/t"), "");
  EXPECT_NE(Refusal("transit:http://10.0.0.1:8100/transit?token-source=file:/t"), "");
}

TEST(ProviderUrl, TakesNoPinAndRepeatsNone) {
  const std::string refusal =
      Refusal("pkcs11:token=a?module-path=/m&pin-value=4711-secret&pin-source=file:/p");
  EXPECT_NE(refusal.find("pin-value"), std::string::npos);
  EXPECT_EQ(refusal.find("4711"), std::string::npos);
  EXPECT_EQ(Refusal("pkcs11:token=a?module-path=/m&pin-source=4711-secret").find("4711"),
            std::string::npos);
  EXPECT_EQ(Refusal("pkcs11:token=a?module-path=/m&pin=4711-secret").find("4711"),
            std::string::npos);
}

TEST(ProviderUrl, SaysWhatIsMissing) {
  const std::string pin = "&pin-source=file:/p";
  EXPECT_NE(Refusal("pkcs11:?module-path=/m" + pin).find("token is missing"), std::string::npos);
  EXPECT_NE(Refusal("pkcs11:token=a?" + pin.substr(1)).find("module-path is missing"),
            std::string::npos);
  EXPECT_NE(Refusal("pkcs11:token=a?module-path=/m").find("pin-source is missing"),
            std::string::npos);
  EXPECT_NE(Refusal("transit:https://a/transit").find("token-source is missing"),
            std::string::npos);
  EXPECT_NE(Refusal("transit:https://a?token-source=file:/t").find("mounted"), std::string::npos);
  EXPECT_NE(Refusal("transit:https://a/?token-source=file:/t").find("mounted"), std::string::npos);
}

TEST(ProviderUrl, RefusesWhatItDoesNotKnow) {
  for (const char* const text :
       {"", "file", "file:", "vault:https://a/b", "FILE:/a", "pkcs11:object=a?module-path=/m",
        "pkcs11:token=a;token=b?module-path=/m&pin-source=file:/p",
        "pkcs11:token=a?module-path=m.so&pin-source=file:/p",
        "pkcs11:token=a?module-path=/m&pin-source=file:p",
        "pkcs11:token=a?module-path=/m&pin-source=|cat",
        "pkcs11:token=a?module-path=/m&pin-source=credential:../p",
        "pkcs11:token=a%0?module-path=/m&pin-source=file:/p",
        "pkcs11:token=a%0ab?module-path=/m&pin-source=file:/p",
        "pkcs11:token=a%zz?module-path=/m&pin-source=file:/p",
        "pkcs11:token=012345678901234567890123456789012?module-path=/m&pin-source=file:/p",
        "pkcs11:token=a?module-path=/m&pin-source=file:/p\n",
        "transit:https:///transit?token-source=file:/t", "transit:?token-source=file:/t",
        "transit:https://a/transit?token-source=file:/t&skip-verify=1"}) {
    EXPECT_NE(Refusal(text), "") << text;
  }
  EXPECT_NE(Refusal("file:" + std::string(5000, 'a')), "");
}

}  // namespace
}  // namespace bulkhead::keys
