// SPDX-License-Identifier: Apache-2.0
#include "meter/frame_record.h"

namespace bulkhead::meter {

std::string_view OutcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kOk:
      return "ok";
    case Outcome::kFailed:
      return "failed";
    case Outcome::kUndelivered:
      return "undelivered";
  }
  return "";
}

std::string ReceiptText(std::string_view ledger_id, RecordId id) {
  return std::string(ledger_id) + "-" + std::to_string(id.epoch) + "-" +
         std::to_string(id.sequence);
}

}  // namespace bulkhead::meter
