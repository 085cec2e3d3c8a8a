// SPDX-License-Identifier: Apache-2.0
// The audit log as the I/O thread uses it: nothing is changed before it is recorded.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "async/task.h"
#include "audit/event.h"
#include "audit/log.h"
#include "base/result.h"

namespace bulkhead::gateway {

// What an action came to, beside its status.
struct ActionOutcome {
  std::string object_name;  // empty: as it was asked for
  std::map<audit::Annotation, audit::Label> annotations;
};

struct AuditTrailParts {
  boost::asio::io_context& io;
  std::function<void(std::string_view)> log;  // a line for the operator; any thread
  std::filesystem::path state_folder;
  std::filesystem::path copy;  // a folder that is there, for checkpoints; empty: nowhere else
  audit::Event configuration;  // with what this gateway was started
};

// Lives on the I/O thread. End it before the io_context, and after it runs no more.
class AuditTrail {
 public:
  // The log `audit` in the state folder, signed with `audit-key` beside it, which is made where
  // there is none.
  // Actions that an earlier gateway began and did not end are ended as such, and told.
  //
  // Errors as of audit::Log::Open and audit::ReadOrMakeSigner. kNotFound: `copy`.
  static base::Result<std::unique_ptr<AuditTrail>> Open(AuditTrailParts parts);
  AuditTrail(const AuditTrail&) = delete;
  AuditTrail& operator=(const AuditTrail&) = delete;
  // Appends the outcomes that found no room before, if there is some now.
  ~AuditTrail();

  // Records that the action begins: an event for each thing that it changes, none for one that
  // changes nothing. They get their stage, time and one audit id here. kUnavailable, with a
  // sentence for the operator: it is not recorded, so it must not be done.
  async::Task<base::Status> Begin(std::vector<audit::Event>& events);
  // Records what came of it: HTTP's status, or what it would have been. Where there is no room now,
  // that is written later.
  async::Task<> End(std::vector<audit::Event> events, int status, ActionOutcome outcome);

  // Whose fate nobody waits for: what cannot be recorded is dropped, and told once.
  void Note(const audit::Event& event);

  // For a timer: signs, and sends to the second place. Errors as of audit::Log::Checkpoint.
  async::Task<base::Status> Checkpoint();

 private:
  struct State;
  explicit AuditTrail(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bulkhead::gateway
