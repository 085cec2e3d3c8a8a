// SPDX-License-Identifier: Apache-2.0
// What a worker inherits, and what it tells its supervisor. The supervisor parses nothing else that
// comes out of a worker.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace bulkhead::channel {

// Descriptor numbers of a worker. 0 to 2 are empty input, closed output, and the log.
constexpr int kFramesFd = 3;   // a connected Unix stream socket: docs/formats/worker_protocol.md
constexpr int kWeightsFd = 4;  // a memfd with the model file; the worker wipes and closes it
constexpr int kSetupFd = 5;    // a memfd with an encoded Setup (setup.h)
constexpr int kStatusFd = 6;   // the write end of a pipe of StatusRecords
constexpr int kFirstFreeFd = 7;

enum class WorkerState : uint8_t {
  kLoading = 1,   // it runs and has read its setup
  kReady = 2,     // warm and locked: frames may be sent
  kFailed = 3,    // it gives up; `code` is WireOf(base::Code) (wire_enum.h); a FailureReply with
                  // id 0 on the frames socket and the log say why
  kViolated = 4,  // a forbidden system call: `value` is its number, `arch` its convention
};

// One record: 16 bytes, written at once (less than PIPE_BUF). Little endian.
//   0 u8 state, 1 u8 code, 2 u16 zero, 4 u32 arch, 8 i64 value
// What a state does not use is zero.
struct StatusRecord {
  WorkerState state = WorkerState::kLoading;
  uint8_t code = 0;
  uint32_t arch = 0;
  int64_t value = 0;
};
constexpr std::size_t kStatusRecordBytes = 16;

// Async-signal-safe: one write(2).
void WriteStatus(int fd, const StatusRecord& record);

// nullopt: not a record that a worker of ours writes. The worker may be hostile: that it says so
// does not make it so.
std::optional<StatusRecord> ParseStatus(std::span<const std::byte> bytes);

}  // namespace bulkhead::channel
