// SPDX-License-Identifier: Apache-2.0
// The units of GPUs with their owners, for terminals and as SVG.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace bulkhead::report {

struct DrawnInstance {
  int start = 0;  // in units
  int units = 0;
  std::string profile;  // "3g.20gb"
  std::string owner;    // "acme/plates"; empty: nobody
};

struct DrawnGpu {
  std::string title;  // "GPU 0  A100-40GB"
  int units = 0;  // up to 72; 0: not divided, then at most one instance is drawn, over all of it
  bool simulated = false;
  std::vector<DrawnInstance> instances;  // in any order
};

// A box of 73 columns in ASCII with the title above it and the starts below it, one cell for each
// instance and each run of free units. Below come the full texts of cells too narrow for theirs,
// and instances that overlap another one or the end. Texts of others are shown with '?' for
// whatever is not printable ASCII. Ends with a new line.
std::string DrawGpu(const DrawnGpu& gpu);

// The same of many GPUs, one below the other, as a document of its own.
std::string DrawGpusAsSvg(std::span<const DrawnGpu> gpus);

}  // namespace bulkhead::report
