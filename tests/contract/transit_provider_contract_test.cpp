// SPDX-License-Identifier: Apache-2.0
// The provider "transit:" under the contract: on a real server where the environment names one
// (make transit), else on the double.
#include "key_provider_contract.h"
#include "transit_server.h"

namespace bulkhead::keys {
namespace {

class TransitKeys final : public KeyPlace {
 public:
  bool Make() { return TransitServer::RealOne() || server_.StartDouble(); }
  base::Result<std::unique_ptr<KeyProvider>> Open() override {
    return OpenTransitProvider(server_.Place());
  }

 private:
  TransitServer server_;
};

INSTANTIATE_TEST_SUITE_P(Transit, KeyContract,
                         testing::Values(KeyImplementation{
                             TransitServer::RealOne() ? "server" : "double",
                             []() -> std::unique_ptr<KeyPlace> {
                               auto place = std::make_unique<TransitKeys>();
                               if (!place->Make()) return nullptr;
                               return place;
                             }}),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace bulkhead::keys
