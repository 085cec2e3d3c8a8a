// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "isolation/layer.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace bulkhead::app {

// --optional-layers A,B,... or, without it, BULKHEAD_OPTIONAL_LAYERS of the environment, the policy
// of an image: adds to `layers` while the command line is parsed; a name that is none is an error
// of the command line.
CLI::Option* AddLayerOption(CLI::App& program, const std::string& about,
                            isolation::LayerSet& layers);

}  // namespace bulkhead::app
