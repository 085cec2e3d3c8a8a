// SPDX-License-Identifier: Apache-2.0
#include "gateway/run_gateway.h"

#include <array>
#include <memory>
#include <utility>

#include "base/hex.h"
#include "base/random_bytes.h"
#include "gateway/gateway_process.h"
#include "gateway/pepper.h"

namespace bulkhead::gateway {

base::Status RunGateway(const GatewayParts& parts, const GatewayOptions& options, int stop) {
  auto io = std::make_unique<boost::asio::io_context>(1);
  std::array<std::byte, 8> tag{};
  BH_TRY(base::FillRandom(tag));
  BH_ASSIGN(const Pepper pepper, ReadOrMakePepper(options.state_folder / "pepper"));
  BH_ASSIGN(auto metering, Metering::Open(*io, options.state_folder / "ledger", pepper));
  const meter::Recovery& recovery = metering->ledger().recovery();
  if (recovery.torn_bytes > 0) {
    parts.log("the ledger ended in " + std::to_string(recovery.torn_bytes) +
              " bytes that were never acknowledged; they were cut off");
  }
  BH_ASSIGN(auto files, store::ModelFiles::Open(options.state_folder / "models"));
  GatewayProcess process(
      parts, options,
      {std::move(io), std::move(metering), std::move(files), pepper, base::Hex(tag)});
  return process.Run(stop);
}

}  // namespace bulkhead::gateway
