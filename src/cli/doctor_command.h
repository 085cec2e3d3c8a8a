// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

#include "cli/console.h"
#include "cli/doctor.h"

namespace bulkhead::cli {

// Adds `doctor`. The references must outlive the parse.
void AddDoctorCommand(CLI::App& program, const OpenDriver& open_driver,
                      const OpenDevices& open_devices, const ProbeKeys& probe_keys,
                      const Console& console, int& exit_status);

}  // namespace bulkhead::cli
