// SPDX-License-Identifier: Apache-2.0
#include "tenant/month_quota.h"

#include <algorithm>

#include "base/check.h"

namespace bulkhead::tenant {

void MonthQuota::Enter(int64_t now_unix_ms) {
  if (month_ && now_unix_ms < month_->end_unix_ms) return;
  month_ = MonthOf(now_unix_ms);
  used_ = 0;
}

Month MonthQuota::MonthAt(int64_t now_unix_ms) const {
  return month_ && now_unix_ms < month_->end_unix_ms ? *month_ : MonthOf(now_unix_ms);
}

uint64_t MonthQuota::UsedIn(int64_t now_unix_ms) const {
  return month_ && now_unix_ms < month_->end_unix_ms ? used_ : 0;
}

uint64_t MonthQuota::RemainingIn(int64_t now_unix_ms) const {
  if (!limit_) return UINT64_MAX;
  const uint64_t unused = *limit_ - std::min(*limit_, UsedIn(now_unix_ms));
  return unused - std::min(unused, reserved_);
}

void MonthQuota::SetUsed(int64_t now_unix_ms, uint64_t frames) {
  Enter(now_unix_ms);
  used_ = frames;
}

bool MonthQuota::Fits(int64_t now_unix_ms, uint64_t frames) const {
  return frames <= RemainingIn(now_unix_ms);
}

bool MonthQuota::Reserve(int64_t now_unix_ms, uint64_t frames) {
  if (!Fits(now_unix_ms, frames)) return false;
  Enter(now_unix_ms);
  reserved_ += frames;
  return true;
}

void MonthQuota::Commit(int64_t record_unix_ms, uint64_t frames) {
  GiveBack(frames);
  Enter(record_unix_ms);
  if (record_unix_ms >= month_->begin_unix_ms) used_ += frames;
}

void MonthQuota::GiveBack(uint64_t frames) {
  BH_CHECK(frames <= reserved_);
  reserved_ -= frames;
}

void MonthQuota::TakeBack(int64_t record_unix_ms, uint64_t frames) {
  Enter(record_unix_ms);
  if (record_unix_ms >= month_->begin_unix_ms) used_ -= std::min(used_, frames);
}

}  // namespace bulkhead::tenant
