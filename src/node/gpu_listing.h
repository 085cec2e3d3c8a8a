// SPDX-License-Identifier: Apache-2.0
// What a node tells of its GPUs, and what it does to them when it is asked.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "node/held_partitions.h"
#include "node/messages.h"

namespace bulkhead::node {

// The name of the worker that holds the partition of that id; empty: none.
using FindWorker = std::function<std::string(const std::string& partition_id)>;

// As many from request.first on as fit into a packet; none where the node has none. Errors of
// DeviceBackend::List. kInternal: one GPU fills more than a packet.
base::Result<GpuListing> ListGpusOf(const NodeDevices& devices, const ListGpus& request,
                                    const FindWorker& find_worker);

// kUnsupported: the node has no GPUs. Otherwise as DeviceBackend::MakeIdle and RemoveIdle. Blocks
// while the driver works: seconds at most.
base::Status Change(const NodeDevices& devices, const ChangeInstance& request);

}  // namespace bulkhead::node
