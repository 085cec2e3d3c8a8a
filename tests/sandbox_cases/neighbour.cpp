// SPDX-License-Identifier: Apache-2.0
#include "sandbox_cases/neighbour.h"

#include <utility>

#include <gtest/gtest.h>

namespace bulkhead::sandbox_cases {
namespace {

constexpr std::chrono::seconds kPatience{20};
constexpr std::string_view kMarker = "TREASURE-OF-THE-NEIGHBOUR-0123456789";

std::vector<std::byte> MarkedModel() {
  std::vector<std::byte> model = EncodeOrder({Moment::kServing, "", ""});
  for (int copies = 0; copies < 100; ++copies) {
    for (const char c : kMarker) model.push_back(static_cast<std::byte>(c));
  }
  return model;
}

}  // namespace

Neighbour::Neighbour(Laboratory& laboratory) : Neighbour(laboratory, MarkedModel()) {}

Neighbour::Neighbour(Laboratory& laboratory, std::vector<std::byte> model)
    : laboratory_(laboratory) {
  if (!laboratory.failure.empty()) return;
  Subject subject;
  subject.name = "neighbour";
  subject.model = std::move(model);
  auto worker = Start(laboratory, subject);
  if (!worker.ok()) {
    failure_ = worker.error().detail;
    return;
  }
  worker_ = std::move(worker).value();
  auto client = channel::BlockingClient::Connect(std::move(worker_->frames), kPatience);
  if (!client.ok()) {
    failure_ = client.error().detail + ": " + compartment::ReadLog(*worker_);
    return;
  }
  client_ = std::move(client).value();
}

Neighbour::~Neighbour() {
  if (!worker_) return;
  if (client_) {
    EXPECT_TRUE(client_->Drain(kPatience).ok());
  }
  client_.reset();
  WaitForEnd(*worker_, kPatience);
  const std::string log = compartment::ReadLog(*worker_);
  const auto end =
      compartment::EndWorker(*laboratory_.driver, std::move(*worker_), isolation::Cause::kKilled);
  if (!end.ok()) {
    ADD_FAILURE() << end.error().detail;
    return;
  }
  EXPECT_EQ(end.value().reason, isolation::EndReason::kFinished)
      << isolation::Describe(end.value()) << ", log: " << log;
}

pid_t Neighbour::pid() const { return worker_ ? worker_->compartment.pid : -1; }

std::string Neighbour::hidden_marker() {
  std::string hidden(kMarker);
  for (char& c : hidden) c = static_cast<char>(c ^ 0x1f);
  return hidden;
}

bool Neighbour::Answers() { return client_ && client_->Detect(GrayPicture(), {}, kPatience).ok(); }

}  // namespace bulkhead::sandbox_cases
