// SPDX-License-Identifier: Apache-2.0
// What a launch is given of the machine, and whether it may run there.
#pragma once

#include "base/result.h"
#include "node/held_partitions.h"
#include "node/messages.h"

namespace bulkhead::node {

// The GPUs of a node, for whoever asks it for partitions; those of a node without any are none.
// Errors of DeviceBackend::List.
base::Result<NodeGpus> DescribeGpus(const NodeDevices& devices);

// Partitions for a launch, none of which is taken yet.
//
// kUnsupported: a profile of a GPU, and this node has no GPUs; the detail says what to do.
// kInvalid: a GPU without cores beside it, or cores beside cores. kDenied: the worker would be
// separated from others by a tier that the launch does not allow; on a simulated GPU that is the
// tier of its cores. Errors of DeviceBackend::List.
base::Result<PartitionsWanted> PlanPartitions(const Launch& launch, const NodeDevices& devices);

// Where a worker with these partitions runs.
Place PlaceOf(const HeldPartitions& held);

}  // namespace bulkhead::node
