// SPDX-License-Identifier: Apache-2.0
#include "advice/advise.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

namespace bulkhead::advice {
namespace {

double Percent(double share) { return share * 100; }

// What is predicted of a move.
struct Predicted {
  double engine = 0;
  double dram = 0;
  double memory = 0;  // share of the slice's memory
};

Predicted Predict(const mig::Profile& from, const mig::Profile& to, const Evidence& evidence) {
  return {
      .engine = evidence.engine_p95 * from.multiprocessors / std::max(1, to.multiprocessors),
      .dram = evidence.dram_p95 * from.units / std::max(1, to.units),
      .memory = evidence.memory_max_mib / static_cast<double>(std::max<uint64_t>(1, to.memory_mib)),
  };
}

std::string Share(const char* what, double share) {
  return fmt::format("{} {:.0f} %", what, Percent(share));
}

std::string Now(const Predicted& now, const Evidence& evidence) {
  return fmt::format("In {} hours: {} and {} of the time (p95), {} of its memory at most.",
                     evidence.hours, Share("engine", now.engine), Share("memory", now.dram),
                     fmt::format("{:.0f} %", Percent(now.memory)));
}

std::string Then(const std::string& profile, const Predicted& then) {
  return fmt::format("On {} they would be {:.0f} %, {:.0f} % and {:.0f} %.", profile,
                     Percent(then.engine), Percent(then.dram), Percent(then.memory));
}

class Judge {
 public:
  Judge(const Judged& judged, const Evidence& evidence, const AdviceRules& rules)
      : judged_(judged), evidence_(evidence), rules_(rules) {}

  Advice Decide() const {
    if (evidence_.hours < rules_.hours_min || evidence_.readings < rules_.readings_min) {
      return {Verdict::kTooLittleKnown,
              {},
              {fmt::format("{} hours with {} readings; {} and {} are needed.", evidence_.hours,
                           evidence_.readings, rules_.hours_min, rules_.readings_min)}};
    }
    if (evidence_.memory_max_mib <= 0) {
      return {Verdict::kTooLittleKnown, {}, {"Nobody said how much of its memory it used."}};
    }
    if (evidence_.frames == 0) {
      return {Verdict::kIdle, {}, {fmt::format("No frame in {} hours.", evidence_.hours)}};
    }
    const Predicted now = Predict(present(), present(), evidence_);
    if (const std::string why = WhyTooSmall(now); !why.empty()) return Larger(now, why);
    return SmallerOrStay(now);
  }

 private:
  [[nodiscard]] const mig::Profile& present() const {
    return judged_.model->profiles[static_cast<std::size_t>(judged_.profile)];
  }
  [[nodiscard]] bool late() const {
    return judged_.p99_ms_max && evidence_.p99_ms && *evidence_.p99_ms > *judged_.p99_ms_max;
  }

  [[nodiscard]] std::string WhyTooSmall(const Predicted& now) const {
    if (now.memory >= rules_.memory_full) return "Its memory is nearly full.";
    if (now.engine >= rules_.busy) return "Its engine is nearly always busy.";
    if (now.dram >= rules_.busy) return "Its memory is nearly always busy.";
    if (late() && std::max(now.engine, now.dram) >= rules_.target) {
      return fmt::format("p99 is {:.1f} ms, above the objective of {:.1f} ms, and it is busy.",
                         *evidence_.p99_ms, *judged_.p99_ms_max);
    }
    return {};
  }

  [[nodiscard]] bool Suits(const Predicted& then) const {
    return then.engine <= rules_.target && then.dram <= rules_.target &&
           then.memory <= rules_.memory_target;
  }

  // The least slice on which what was used would suit; nullptr: none.
  [[nodiscard]] const mig::Profile* Least() const {
    const mig::Profile* least = nullptr;
    const auto size = [](const mig::Profile& profile) {
      return std::tuple(profile.units, profile.multiprocessors, profile.memory_mib);
    };
    for (const mig::Profile& profile : judged_.model->profiles) {
      if (profile.graphics || profile.media != present().media) continue;
      if (!Suits(Predict(present(), profile, evidence_))) continue;
      if (least == nullptr || size(profile) < size(*least)) least = &profile;
    }
    return least;
  }

  [[nodiscard]] Advice Larger(const Predicted& now, const std::string& why) const {
    Advice advice{Verdict::kTooSmall, {}, {why, Now(now, evidence_)}};
    const mig::Profile* least = Least();
    if (least == nullptr) {
      advice.reasons.emplace_back(
          "No slice of this GPU is enough; another replica shares the load.");
      return advice;
    }
    advice.profile = least->name;
    advice.reasons.push_back(Then(least->name, Predict(present(), *least, evidence_)));
    return advice;
  }

  [[nodiscard]] Advice SmallerOrStay(const Predicted& now) const {
    const mig::Profile* least = Least();
    const bool smaller =
        least != nullptr && least->units <= present().units &&
        (least->units < present().units || least->multiprocessors < present().multiprocessors);
    if (!smaller || late() || Slower(least)) {
      Advice advice{Verdict::kFits, {}, {Now(now, evidence_)}};
      if (late()) {
        advice.reasons.push_back(
            fmt::format("p99 is {:.1f} ms, above the objective of {:.1f} ms; a larger slice would "
                        "not mend that, as this one is not busy.",
                        *evidence_.p99_ms, *judged_.p99_ms_max));
      }
      return advice;
    }
    return {Verdict::kTooBig,
            least->name,
            {Now(now, evidence_), Then(least->name, Predict(present(), *least, evidence_))}};
  }

  // Whether the objective would be missed there, if time went as multiprocessors do.
  [[nodiscard]] bool Slower(const mig::Profile* to) const {
    if (!judged_.p99_ms_max || !evidence_.p99_ms) return false;
    const double then_ms =
        *evidence_.p99_ms * present().multiprocessors / std::max(1, to->multiprocessors);
    return then_ms > *judged_.p99_ms_max;
  }

  const Judged& judged_;
  const Evidence& evidence_;
  const AdviceRules& rules_;
};

// What needs no reading of the device; nullopt: it is not idle.
std::optional<Advice> JudgeByFrames(const Evidence& evidence, const AdviceRules& rules) {
  if (evidence.hours < rules.hours_min) {
    return Advice{Verdict::kTooLittleKnown,
                  {},
                  {fmt::format("{} hours; {} are needed.", evidence.hours, rules.hours_min)}};
  }
  if (evidence.frames > 0) return std::nullopt;
  return Advice{Verdict::kIdle, {}, {fmt::format("No frame in {} hours.", evidence.hours)}};
}

Advice JudgeWithoutReadings(const Evidence& evidence, const AdviceRules& rules) {
  if (auto judged = JudgeByFrames(evidence, rules)) return *std::move(judged);
  Advice advice{Verdict::kTooLittleKnown,
                {},
                {fmt::format("{} frames in {} hours, and no reading of its device.",
                             evidence.frames, evidence.hours)}};
  if (evidence.p99_ms) {
    advice.reasons.push_back(
        fmt::format("p99 of the slowest hour is up to {:.1f} ms.", *evidence.p99_ms));
  }
  return advice;
}

Advice JudgeWholeGpu(const Judged& judged, const Evidence& evidence, const AdviceRules& rules) {
  if (evidence.memory_max_mib <= 0) return JudgeWithoutReadings(evidence, rules);
  if (auto by_frames = JudgeByFrames(evidence, rules)) return *std::move(by_frames);
  const double memory = evidence.memory_max_mib /
                        static_cast<double>(std::max<uint64_t>(1, judged.model->memory_mib));
  const bool full = memory >= rules.memory_full;
  return {full ? Verdict::kTooSmall : Verdict::kFits,
          {},
          {fmt::format("It has a whole GPU, of whose memory it used {:.0f} % at most.",
                       Percent(memory))}};
}

}  // namespace

const char* VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kTooLittleKnown:
      return "too little known";
    case Verdict::kFits:
      return "fits";
    case Verdict::kIdle:
      return "idle";
    case Verdict::kTooBig:
      return "too big";
    case Verdict::kTooSmall:
      return "too small";
  }
  return "";
}

Advice Advise(const Judged& judged, const Evidence& evidence, const AdviceRules& rules) {
  if (judged.model == nullptr) return JudgeWithoutReadings(evidence, rules);
  if (!judged.model->mig() || judged.profile < 0) return JudgeWholeGpu(judged, evidence, rules);
  return Judge(judged, evidence, rules).Decide();
}

}  // namespace bulkhead::advice
