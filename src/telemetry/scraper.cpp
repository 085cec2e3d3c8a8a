// SPDX-License-Identifier: Apache-2.0
#include "telemetry/scraper.h"

#include <utility>

#include <sys/resource.h>
#include <unistd.h>

#include "telemetry/http_exchange.h"

namespace bulkhead::telemetry {
namespace {

constexpr int kYielding = 10;

}  // namespace

Scraper::Scraper(HttpPlace place, std::string user_agent, const ScrapeLimits& limits, Heard heard)
    : place_(std::move(place)),
      user_agent_(std::move(user_agent)),
      limits_(limits),
      heard_(std::move(heard)),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

Scraper::~Scraper() = default;

base::Result<std::string> Scraper::Ask(const std::stop_token& stop) const {
  HttpAsk ask{.place = place_,
              .user_agent = user_agent_,
              .answer_bytes_max = limits_.bytes_max,
              .timeout = limits_.timeout};
  BH_ASSIGN(HttpAnswer answer, ExchangeHttp(std::move(ask), stop));
  if (answer.status == 200) return std::move(answer.body);
  return base::OperatorError(base::Code::kUnavailable,
                             place_.Authority() + ": answers " + std::to_string(answer.status));
}

void Scraper::Run(const std::stop_token& stop) {
  // On Linux of this thread alone: it yields to the thread that serves everybody.
  const auto thread = static_cast<id_t>(::gettid());
  (void)::setpriority(PRIO_PROCESS, thread, ::getpriority(PRIO_PROCESS, thread) + kYielding);
  while (!stop.stop_requested()) {
    base::Result<std::string> text = Ask(stop);
    if (stop.stop_requested()) return;
    heard_(std::move(text));
    std::unique_lock lock(mutex_);
    ended_.wait_for(lock, stop, limits_.every, [] { return false; });
  }
}

}  // namespace bulkhead::telemetry
