// SPDX-License-Identifier: Apache-2.0
// The provider "file:" under the contract, without and with a passphrase.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "base/test_folder.h"
#include "key_provider_contract.h"
#include "keys/file_provider.h"

namespace bulkhead::keys {
namespace {

class FilePlace final : public KeyPlace {
 public:
  explicit FilePlace(std::string_view passphrase) : passphrase_(passphrase) {}

  base::Result<std::unique_ptr<KeyProvider>> Open() override {
    if (passphrase_.empty()) return OpenFileProvider(folder_.path() / "keyring", std::nullopt);
    BH_ASSIGN(base::SecretBytes passphrase, base::SecretBytes::Allocate(passphrase_.size()));
    std::ranges::copy(std::as_bytes(std::span(passphrase_)), passphrase.bytes().begin());
    return OpenFileProvider(folder_.path() / "keyring", std::move(passphrase));
  }

 private:
  std::string_view passphrase_;
  const base::TestFolder folder_;
};

INSTANTIATE_TEST_SUITE_P(
    File, KeyContract,
    testing::Values(KeyImplementation{"without_passphrase",
                                      [] { return std::make_unique<FilePlace>(""); }},
                    KeyImplementation{"with_passphrase",
                                      [] { return std::make_unique<FilePlace>("correct horse"); }}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace bulkhead::keys
