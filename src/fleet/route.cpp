// SPDX-License-Identifier: Apache-2.0
#include "fleet/route.h"

#include <utility>

#include "base/check.h"

namespace bulkhead::fleet {

Lease::Lease(RoutedWorker worker) : worker_(std::move(worker)) { worker_.link->Reserve(); }

Lease::Lease(Lease&& other) noexcept
    : worker_(std::move(other.worker_)), kept_(std::exchange(other.kept_, false)) {}

Lease& Lease::operator=(Lease&& other) noexcept {
  if (this == &other) return *this;
  GiveBack();
  worker_ = std::move(other.worker_);
  kept_ = std::exchange(other.kept_, false);
  return *this;
}

void Lease::GiveBack() {
  if (std::exchange(kept_, false)) worker_.link->GiveBack();
}

async::Task<base::Result<channel::DetectReply>> Lease::Detect(DetectCall call,
                                                              async::CancelToken cancel) {
  BH_CHECK(std::exchange(kept_, false));
  return worker_.link->Detect(std::move(call), std::move(cancel));
}

async::Task<base::Result<channel::InferReply>> Lease::Infer(InferCall call,
                                                            async::CancelToken cancel) {
  BH_CHECK(std::exchange(kept_, false));
  return worker_.link->Infer(std::move(call), std::move(cancel));
}

}  // namespace bulkhead::fleet
