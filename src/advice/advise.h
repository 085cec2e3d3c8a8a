// SPDX-License-Identifier: Apache-2.0
// Whether a deployment has the right slice, judged by what it used.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "advice/use_history.h"
#include "mig/gpu_model.h"

namespace bulkhead::advice {

// Bounds between one verdict and the next lie apart, so that advice that was followed does not turn
// round: what fits after a move is below `target`, and only above `busy` is it moved again.
struct AdviceRules {
  std::size_t hours_min = 24;  // of history; before that nothing is advised
  uint64_t readings_min = 100;
  double busy = 0.90;           // share of time of the engine or of the memory, p95
  double target = 0.70;         // the same after a move, as predicted
  double memory_full = 0.95;    // of the slice's memory
  double memory_target = 0.85;  // the same after a move
};

// What it has and what is asked of it.
struct Judged {
  const mig::GpuModel* model = nullptr;  // nullptr: no GPU, or nobody said which
  int profile = 0;                       // index into the model's profiles; -1: the whole GPU
  std::optional<double> p99_ms_max{};    // its objective
};

enum class Verdict { kTooLittleKnown, kFits, kIdle, kTooBig, kTooSmall };
// "too little known", "fits", "idle", "too big", "too small".
const char* VerdictName(Verdict verdict);

struct Advice {
  Verdict verdict = Verdict::kTooLittleKnown;
  // Of the same GPU, to move to; empty: stay, or (too small) nothing of this GPU is enough.
  std::string profile;
  // Sentences with the numbers that decided.
  std::vector<std::string> reasons;
};

// A share of time on another slice is predicted by what the slice has: of the engine by
// multiprocessors, of the memory by placement units (each has its share of the bandwidth). Both are
// bounds: no model uses more multiprocessors better than in proportion. Candidates are profiles
// without graphics and with the media engines of the present one. Of a whole GPU only idleness and
// fullness are told, and without a model only idleness.
Advice Advise(const Judged& judged, const Evidence& evidence, const AdviceRules& rules = {});

}  // namespace bulkhead::advice
