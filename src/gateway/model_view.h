// SPDX-License-Identifier: Apache-2.0
// How the Open Inference Protocol sees what a worker runs: <model> is the graph as exported, and
// <model>.detect takes one encoded picture and gives boxes, scores and classes.
#pragma once

#include <string>

#include "channel/messages.h"
#include "openinference/messages.h"
#include "tenant/records.h"

namespace bulkhead::gateway {

// A model's name as it stands in a URL.
struct ServedName {
  tenant::ModelName model;
  bool detect = false;  // ended in ".detect"
};
ServedName ParseServedName(std::string_view name);
std::string ServedText(const ServedName& name);

openinference::ModelMetadata MetadataOf(const ServedName& name, tenant::Version version,
                                        const channel::Hello& hello);
// With the parameter "metadata" that Ultralytics' client reads: a Python literal of the names,
// stride, task and size.
openinference::ModelConfig ConfigOf(const ServedName& name, const channel::Hello& hello);

}  // namespace bulkhead::gateway
