// SPDX-License-Identifier: Apache-2.0
// Who was refused on the network's side, for the audit log. A request only counts here; records are
// made of it later, all at once.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "audit/event.h"
#include "base/result.h"
#include "gateway/accounts.h"
#include "gateway/denial_book.h"

namespace bulkhead::gateway {

// Lives on the I/O thread.
class Denials {
 public:
  explicit Denials(const Accounts& accounts) : accounts_(accounts) {}

  // A key that opened nothing, or none, as the headers had it, with what Accounts said.
  void RefusedKey(std::optional<std::string_view> authorization,
                  std::optional<std::string_view> api_key, std::string_view peer,
                  const base::Error& error);

  // A request of a live key that came to nothing, for a model as it was named (empty: none). Counts
  // when the model is not the caller's (kNotFound), or when the key may not do it (kDenied).
  void RefusedRequest(const Caller& caller, std::string_view model, std::string_view peer,
                      base::Code code);

  // What is to be recorded now; at the end all of it.
  std::vector<audit::Event> Take(std::chrono::nanoseconds now);
  std::vector<audit::Event> TakeAll();

 private:
  [[nodiscard]] std::vector<audit::Event> EventsOf(const std::vector<CountedDenial>& told) const;

  const Accounts& accounts_;
  DenialBook book_;
};

}  // namespace bulkhead::gateway
