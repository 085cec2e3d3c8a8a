// SPDX-License-Identifier: Apache-2.0
#include "gateway/route.h"

#include <utility>

#include "base/check.h"

namespace bulkhead::gateway {

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

Task<base::Result<channel::DetectReply>> Lease::Detect(DetectCall call, CancelToken cancel) {
  BH_CHECK(std::exchange(kept_, false));
  return worker_.link->Detect(std::move(call), std::move(cancel));
}

Task<base::Result<channel::InferReply>> Lease::Infer(InferCall call, CancelToken cancel) {
  BH_CHECK(std::exchange(kept_, false));
  return worker_.link->Infer(std::move(call), std::move(cancel));
}

}  // namespace bulkhead::gateway
