// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor_command.h"

#include <memory>

namespace bulkhead::cli {
namespace {

constexpr const char* kAbout =
    "Says what works on this machine for the user who asks: each layer that isolates a worker, "
    "the\n"
    "programs that are needed, the devices that workers can get, and where keys can be kept. "
    "Where\n"
    "something does not work it says why and what to do. Nothing is changed.";

constexpr const char* kManual =
    "WHAT IS DIFFERENT FOR AN ORDINARY USER\n"
    "  Root gives every worker a user id of its own and limits its memory, processes and cores in\n"
    "  a cgroup. An ordinary user has one id, which all of its workers share (own-user: NO), and\n"
    "  cgroups only where the system delegates them (systemd: Delegate=yes). All other layers are\n"
    "  the same where the system allows user namespaces.\n\n"
    "ENVIRONMENT\n"
    "  BULKHEAD_WORKER   the worker program, instead of the one beside this program\n"
    "  ONNXRUNTIME_ROOT  as for bulkhead detect\n\n"
    "EXIT STATUS\n"
    "  0  a worker can be started with every layer of isolation, and the provider of --keys "
    "answers\n"
    "  1  at least one layer or program is missing, or the provider of --keys does not answer; "
    "its\n"
    "     line says why";

}  // namespace

void AddDoctorCommand(CLI::App& program, const OpenDriver& open_driver,
                      const OpenDevices& open_devices, const ProbeKeys& probe_keys,
                      const Console& console, int& exit_status) {
  CLI::App& command = *program.add_subcommand("doctor", kAbout);
  const auto arguments = std::make_shared<DoctorArguments>();
  command.add_option("--keys", arguments->keys,
                     "a key provider to try: file:PATH, pkcs11:... or transit:...\n"
                     "(docs/key_providers.md)");
  command.add_flag("--json", arguments->json, "print JSON instead of text");
  command.footer(kManual);
  command.callback([arguments, &open_driver, &open_devices, &probe_keys, &console, &exit_status] {
    exit_status = RunDoctor(*arguments, open_driver, open_devices, probe_keys, console);
  });
}

}  // namespace bulkhead::cli
