// SPDX-License-Identifier: Apache-2.0
// The only place where concrete adapters are named.
#pragma once

#include "cli/detect.h"
#include "cli/doctor.h"
#include "cli/gpu_access.h"
#include "cli/seal_command.h"

namespace bulkhead::app {

// The engine that every program of this build runs networks with.
cli::OpenEngine ComposeEngine();

// What the command line puts its own worker in: the sandbox of this machine.
cli::OpenDriver ComposeDriver();

// The devices of this machine: its processor cores.
cli::OpenDevices ComposeDevices();

// Simulated GPUs, a node's, and this machine's, for the commands of `gpu`.
cli::OpenGpus ComposeGpus();

// The keys that a URL names (open_keys.h), for `model seal`.
cli::OpenKeys ComposeKeys();

// The key providers of this build, as `doctor` tries them.
cli::ProbeKeys ComposeKeyProbe();

}  // namespace bulkhead::app
