// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "migparted/config_name.h"
#include "migparted/document.h"

namespace bulkhead::migparted {
namespace {

std::string DeviceIdText(const DeviceId& id) {
  const std::string device = fmt::format("0x{:08X}", id.device);
  return id.subsystem ? fmt::format("{}:0x{:08X}", device, *id.subsystem) : device;
}

void AppendFilter(const std::vector<DeviceId>& filter, std::string& out) {
  std::string ids;
  for (const DeviceId& id : filter) {
    ids += fmt::format("{}\"{}\"", ids.empty() ? "" : ", ", DeviceIdText(id));
  }
  out += fmt::format("device-filter: [{}]\n      ", ids);
}

void AppendEntry(const Entry& entry, std::string& out) {
  out += "    - ";
  if (!entry.filter.empty()) AppendFilter(entry.filter, out);
  out += entry.devices ? fmt::format("devices: [{}]\n", fmt::join(*entry.devices, ", "))
                       : std::string("devices: all\n");
  out += fmt::format("      mig-enabled: {}\n", entry.mig_enabled);
  if (!entry.mig_enabled) return;
  if (entry.instances.empty()) {
    out += "      mig-devices: {}\n";
    return;
  }
  out += "      mig-devices:\n";
  for (const ProfileCount& one : entry.instances) {
    out += fmt::format("        \"{}\": {}\n", mig::FormatProfileName(one.profile), one.count);
  }
}

}  // namespace

base::Result<std::string> FormatDocument(const Document& document) {
  std::string out =
      "# Numbers of instances only: this format cannot say where on a GPU each begins, so an\n"
      "# import finds new places for them.\n"
      "version: v1\nmig-configs:\n";
  for (const Config& config : document.configs) {
    if (!IsConfigName(config.name)) {
      return base::PublicError(base::Code::kInvalid,
                               "a configuration has a name that is not allowed");
    }
    out += fmt::format("  \"{}\":\n", config.name);
    for (const Entry& entry : config.entries) AppendEntry(entry, out);
  }
  return out;
}

}  // namespace bulkhead::migparted
