// SPDX-License-Identifier: Apache-2.0
#include "app/layer_option.h"

#include <vector>

#include <CLI/CLI.hpp>

namespace bulkhead::app {

CLI::Option* AddLayerOption(CLI::App& program, const std::string& about,
                            isolation::LayerSet& layers) {
  const auto check = [](const std::string& name) {
    return isolation::ParseLayer(name) ? std::string()
                                       : name + " is not a layer; bulkhead doctor lists them";
  };
  const auto add = [&layers](const std::vector<std::string>& names) {
    for (const std::string& name : names) layers.Add(*isolation::ParseLayer(name));
  };
  return program.add_option_function<std::vector<std::string>>("--optional-layers", add, about)
      ->check(CLI::Validator(check, ""))
      ->delimiter(',')
      ->envname("BULKHEAD_OPTIONAL_LAYERS")
      ->type_name("A,B,...");
}

}  // namespace bulkhead::app
