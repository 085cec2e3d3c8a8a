// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mig/gpu_model.h"

namespace bulkhead::bench {

struct Arrival {
  double at_h = 0;
  double lifetime_h = 0;
  int profile = 0;
};

struct Trace {
  std::string name;
  std::vector<Arrival> arrivals;  // by time
};

// How often each profile is asked for, by name.
struct Mix {
  const char* name;
  std::vector<std::pair<const char*, double>> weights;
};

std::vector<Mix> Mixes();

// Arrivals by a Poisson process, lifetimes log-normal (mean 1 h, much longer ones among them), as
// many as would keep `gpus` GPUs at `load` of their area if all were accepted.
Trace Synthetic(const mig::GpuModel& model, const Mix& mix, int gpus, double load, int arrivals,
                uint64_t seed);

// Of the format that openb_to_trace.py writes; ends the program with a message when it is not that.
Trace ReadTrace(const mig::GpuModel& model, const std::string& path);

// The most area that was asked for at once, in GPUs.
double PeakGpus(const mig::GpuModel& model, const Trace& trace);

}  // namespace bulkhead::bench
