// SPDX-License-Identifier: Apache-2.0
// What the ledger says about frames, as values. The bytes: docs/formats/ledger.md.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace bulkhead::meter {

// Of one ledger: the epoch is raised durably each time the ledger is opened, the sequence counts
// from 1 within it. Never given twice. Not for tenants in the clear: receipts.h.
struct RecordId {
  uint64_t epoch = 0;
  uint64_t sequence = 0;
  friend auto operator<=>(const RecordId&, const RecordId&) = default;
};

enum class Outcome : uint8_t {
  kOk = 1,           // a result, to be released when this record is durable
  kFailed = 2,       // the frame reached the worker and failed there: its input or its model
  kUndelivered = 3,  // takes one kOk back: the client was gone when its result was released
};

// "ok", "failed", "undelivered".
std::string_view OutcomeName(Outcome outcome);

// "<ledger>-<epoch>-<sequence>" in decimal, for operators.
std::string ReceiptText(std::string_view ledger_id, RecordId id);

// Frames of one request that ended in the same way. Texts: up to 64 printable ASCII characters
// without spaces, as ids and names of models are.
struct FrameRecord {
  Outcome outcome = Outcome::kOk;
  std::string tenant;  // tenant::TenantId
  std::string key;     // tenant::KeyId
  std::string model;
  uint32_t version = 0;
  std::string deployment;  // tenant::DeploymentId
  uint32_t frames = 1;     // 1 or more
  uint64_t bytes_in = 0;   // this and compute_us: up to 2^50
  uint32_t width = 0;      // of the picture; 0: several, or tensors
  uint32_t height = 0;
  uint64_t compute_us = 0;
  int64_t time_unix_ms = 0;  // 0 or later
  RecordId about;            // kUndelivered: the record that it takes back
  friend bool operator==(const FrameRecord&, const FrameRecord&) = default;
};

}  // namespace bulkhead::meter
