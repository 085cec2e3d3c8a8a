// SPDX-License-Identifier: Apache-2.0
// The provider "pkcs11:" under the contract, on SoftHSM2.
#include "key_provider_contract.h"
#include "softhsm.h"

namespace bulkhead::keys {
namespace {

class TokenPlace final : public KeyPlace {
 public:
  bool Make() { return hsm_.MakeToken("bulkhead"); }
  base::Result<std::unique_ptr<KeyProvider>> Open() override {
    return OpenPkcs11Provider(hsm_.Place());
  }

 private:
  SoftHsm hsm_;
};

class NeedsSoftHsm final : public testing::Environment {
 public:
  void SetUp() override {
    if (SoftHsm::Module().empty()) {
      GTEST_SKIP() << "no SoftHSM2 on this machine (Debian: softhsm2)";
    }
  }
};

const auto* const kNeedsSoftHsm = testing::AddGlobalTestEnvironment(new NeedsSoftHsm);

INSTANTIATE_TEST_SUITE_P(Pkcs11, KeyContract,
                         testing::Values(KeyImplementation{"softhsm",
                                                           []() -> std::unique_ptr<KeyPlace> {
                                                             auto place =
                                                                 std::make_unique<TokenPlace>();
                                                             if (!place->Make()) return nullptr;
                                                             return place;
                                                           }}),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace bulkhead::keys
