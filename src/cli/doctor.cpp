// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor.h"

#include <algorithm>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "cli/terminal_text.h"
#include "compartment/worker_program.h"

namespace bulkhead::cli {
namespace {

using nlohmann::json;

struct Findings {
  std::vector<Finding> layers;
  std::vector<Finding> programs;
  std::vector<Finding> devices;
  std::vector<Finding> keys;
};

std::vector<Finding> FindLayers(const OpenDriver& open_driver) {
  const auto driver = open_driver();
  if (!driver.ok()) return {{"sandbox", false, driver.error().detail}};
  std::vector<Finding> findings;
  for (const isolation::LayerState& state : driver.value()->Probe()) {
    findings.push_back({std::string(isolation::LayerName(state.layer)), state.works, state.reason});
  }
  return findings;
}

std::vector<Finding> FindPrograms() {
  const auto path = compartment::FindWorker();
  if (!path.ok()) return {{"worker", false, path.error().detail}};
  const auto worker = compartment::InspectWorker(path.value());
  if (!worker.ok()) return {{"worker", false, worker.error().detail}};
  return {{"worker", true, path.value().string()},
          {"engine", true, worker.value().engine_library.string()}};
}

std::vector<Finding> FindDevices(const OpenDevices& open_devices) {
  const auto backend = open_devices();
  if (!backend.ok()) return {{"devices", false, backend.error().detail}};
  const auto devices = backend.value()->List();
  if (!devices.ok()) return {{"devices", false, devices.error().detail}};
  constexpr double kGib = 1 << 30;
  std::vector<Finding> findings;
  for (const device::Device& device : devices.value()) {
    findings.push_back({device.id, true,
                        fmt::format("{}: {} of {} cores and {:.1f} of {:.1f} GiB free", device.name,
                                    device.cores_free, device.cores_total,
                                    static_cast<double>(device.memory_free_bytes) / kGib,
                                    static_cast<double>(device.memory_total_bytes) / kGib)});
  }
  return findings;
}

bool AllWork(const std::vector<Finding>& findings) {
  return std::all_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.works; });
}

json ToJson(const std::vector<Finding>& findings) {
  json list = json::array();
  for (const Finding& finding : findings) {
    list.push_back({{"name", finding.name}, {"works", finding.works}, {"text", finding.text}});
  }
  return list;
}

std::string Section(const std::string& title, const std::vector<Finding>& findings) {
  std::string text = title + "\n";
  for (const Finding& finding : findings) {
    text += fmt::format("  {:<3} {:<18} {}\n", finding.works ? "yes" : "NO", finding.name,
                        EscapeForTerminal(finding.text));
  }
  return text;
}

std::string Verdict(const Findings& findings) {
  if (!AllWork(findings.programs)) return "No worker can be started here.\n";
  if (AllWork(findings.layers)) return "Workers start with every layer of isolation.\n";
  return "A worker starts only under a policy that names the layers marked NO as optional.\n";
}

}  // namespace

int RunDoctor(const DoctorArguments& arguments, const OpenDriver& open_driver,
              const OpenDevices& open_devices, const ProbeKeys& probe_keys,
              const Console& console) {
  auto keys = probe_keys(arguments.keys);
  if (!keys.ok()) {
    *console.err << "bulkhead doctor: " << EscapeForTerminal(keys.error().detail) << '\n';
    return kUsage;
  }
  const Findings findings{FindLayers(open_driver), FindPrograms(), FindDevices(open_devices),
                          std::move(keys).value()};
  // Only a provider that somebody asks for has to work.
  const bool ready = AllWork(findings.layers) && AllWork(findings.programs) &&
                     (arguments.keys.empty() || AllWork(findings.keys));
  if (arguments.json) {
    const json document{{"uid", ::geteuid()},
                        {"layers", ToJson(findings.layers)},
                        {"programs", ToJson(findings.programs)},
                        {"devices", ToJson(findings.devices)},
                        {"keys", ToJson(findings.keys)},
                        {"ready", ready}};
    *console.out << document.dump(2, ' ', false, json::error_handler_t::replace) << '\n';
  } else {
    const std::string who = ::geteuid() == 0 ? "root" : fmt::format("user {}", ::geteuid());
    *console.out << Section("Isolation, as " + who, findings.layers)
                 << Section("Programs", findings.programs) << Section("Devices", findings.devices)
                 << Section("Key providers", findings.keys) << Verdict(findings);
  }
  return ready ? kSuccess : kFailure;
}

}  // namespace bulkhead::cli
