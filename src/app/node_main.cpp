// SPDX-License-Identifier: Apache-2.0
// The supervisor of one machine.
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>
#include <fcntl.h>

#include "app/daemon.h"
#include "app/layer_option.h"
#include "app/open_keys.h"
#include "base/home_folder.h"
#include "base/private_folder.h"
#include "compartment/worker_program.h"
#include "device/cpu_backend.h"
#include "device/nvml_backend.h"
#include "device/simulated_backend.h"
#include "isolation/pod_driver.h"
#include "isolation/sandbox_driver.h"
#include "node/launch_plan.h"
#include "node/revoked_tenants.h"
#include "node/run_node.h"
#include "node/sealing.h"
#include "node/state_folder.h"

namespace bulkhead::app {
namespace {

// What is missing of a machine is said in several lines.
constexpr Log kLog{"bulkhead-node", LineEnds::kKeep};

constexpr std::chrono::seconds kFolderPatience{3};

constexpr const char* kAbout =
    "Supervises the workers of one machine: gives each a partition of it and a compartment of its\n"
    "own, starts it again when it ends, and hands its socket to whoever serves the network. Reads\n"
    "nothing that a tenant wrote.";

constexpr const char* kManual =
    "THE CONTROL SOCKET\n"
    "  Only its own user and root may connect. A client launches workers, hears of their ends and\n"
    "  gets their sockets; its workers end with its connection. The protocol is described in\n"
    "  docs/formats/node_protocol.md.\n\n"
    "KEYS\n"
    "  Models lie sealed on disks; this program alone has the keys, and unseals a model for its\n"
    "  worker, at each start. The keyring is not part of a backup of models: keep a copy of it\n"
    "  apart, and whoever has both can read the models. docs/sealing.md\n\n"
    "STOPPING\n"
    "  SIGTERM or SIGINT: workers answer what they have, within their drain timeouts, and the "
    "node\n"
    "  exits. A second one kills them at once. A node that is killed takes its workers with it, "
    "and\n"
    "  the next one on the same state folder removes what is left.\n\n"
    "ENVIRONMENT\n"
    "  BULKHEAD_HOME     the state folder, where --state-dir is not given\n"
    "  BULKHEAD_WORKER   the worker program, instead of the one beside this program\n"
    "  ONNXRUNTIME_ROOT  as for bulkhead detect\n"
    "  BULKHEAD_OPTIONAL_LAYERS  where --optional-layers is not given\n"
    "  CREDENTIALS_DIRECTORY  of systemd: its bulkhead-key-passphrase is the keyring's\n\n"
    "EXIT STATUS\n"
    "  0  it was told to stop, and every worker has ended\n"
    "  1  it could not start, or not go on; the last lines say why and what to do\n"
    "  2  the command line is wrong";

struct Arguments {
  std::string state_folder;
  std::string socket;
  std::string devices = "cpu:";
  std::string keys;  // empty: the keyring in the state folder
  std::string passphrase_file;
  std::string isolation = "sandbox";
  isolation::LayerSet optional_layers;
  bool allow_weak_isolation = false;
  node::BackoffPolicy backoff;
};

void Declare(CLI::App& program, Arguments& arguments) {
  program
      .add_option("--state-dir", arguments.state_folder,
                  "folder that this node holds; made if missing, and one node at a time "
                  "[/var/lib/bulkhead, or ~/.local/state/bulkhead for an ordinary user]")
      ->type_name("DIR");
  program.add_option("--socket", arguments.socket, "the control socket [node.sock in that folder]")
      ->type_name("PATH");
  program
      .add_option(
          "--devices", arguments.devices,
          "what partitions are made of beside cores: cpu: (cores alone), nvml: (the GPUs of "
          "this machine), or sim:SPEC, as sim:a100x2: GPUs that are only simulated; what is "
          "on them runs on cores alone, and everything says so")
      ->type_name("URL")
      ->capture_default_str();
  program
      .add_option("--isolation", arguments.isolation,
                  "sandbox, or pod inside of a container that allows no namespaces of its own")
      ->check(CLI::IsMember({"sandbox", "pod"}).description(""))
      ->type_name("KIND")
      ->capture_default_str();
  AddLayerOption(program,
                 "layers of isolation that a launch may do without where the machine lacks them; "
                 "without any other that is missing the node does not start",
                 arguments.optional_layers);
  program.add_flag("--allow-weak-isolation", arguments.allow_weak_isolation,
                   "start with the layers that the machine gives, whichever are missing; the log "
                   "says which");
}

void DeclareKeys(CLI::App& program, Arguments& arguments) {
  program
      .add_option(
          "--keys", arguments.keys,
          "where the tenants' keys are: file:PATH, a keyring, made if missing; pkcs11:... or "
          "transit:..., as docs/key_providers.md says [file:keys/keyring in the state "
          "folder]")
      ->type_name("URL");
  program
      .add_option("--key-passphrase-file", arguments.passphrase_file,
                  "the keyring is encrypted under what stands in this file")
      ->type_name("FILE");
}

void DeclareRestarts(CLI::App& program, node::BackoffPolicy& backoff) {
  constexpr const char* kGroup = "Workers that end by themselves";
  constexpr int64_t kHourMs = 3'600'000;
  const auto milliseconds = [&](const std::string& name, std::chrono::milliseconds& value,
                                const std::string& about) {
    program
        .add_option_function<int64_t>(
            name, [&value](int64_t count) { value = std::chrono::milliseconds(count); }, about)
        ->check(CLI::Range(int64_t{1}, kHourMs).description(""))
        ->type_name("MS")
        ->default_str(std::to_string(value.count()))
        ->group(kGroup);
  };
  milliseconds("--restart-wait", backoff.first,
               "wait before the first new start; each further wait is twice as long");
  milliseconds("--restart-wait-max", backoff.longest, "the longest wait");
  program
      .add_option("--failures-max", backoff.failures_max,
                  "so many ends within ten minutes, and a worker stays down until a client says "
                  "otherwise; so does one that made a forbidden system call, at once")
      ->check(CLI::Range(1, 1'000'000).description(""))
      ->type_name("N")
      ->capture_default_str()
      ->group(kGroup);
}

std::unique_ptr<isolation::IsolationDriver> MakeDriver(const Arguments& arguments,
                                                       std::string owner) {
  if (arguments.isolation == "pod") {
    kLog(
        "--isolation pod: workers have no namespaces, root and user of their own; what separates "
        "them is the container around");
    return isolation::MakePodDriver({.owner = std::move(owner)});
  }
  return isolation::MakeSandboxDriver({.owner = std::move(owner)});
}

// nullptr: cores alone.
base::Result<std::unique_ptr<device::DeviceBackend>> OpenGpus(const std::string& url,
                                                              const std::filesystem::path& folder) {
  constexpr std::string_view kSimulated = "sim:";
  if (url == "cpu:") return std::unique_ptr<device::DeviceBackend>();
  if (url.starts_with(kSimulated)) {
    return device::OpenSimulatedBackend(std::string_view(url).substr(kSimulated.size()));
  }
  if (url == "nvml:") {
    device::NvmlBackendOptions options;
    options.journal_folder = folder;
    return device::OpenNvmlBackend(std::move(options));
  }
  return base::OperatorError(base::Code::kInvalid,
                             "--devices is cpu:, nvml: or sim:SPEC, not " + url);
}

void SayGpus(const node::NodeDevices& devices) {
  const auto gpus = node::DescribeGpus(devices);
  if (!gpus.ok() || gpus.value().models.empty()) return;
  std::string models;
  for (const std::string& model : gpus.value().models) {
    models += (models.empty() ? "" : ", ") + model;
  }
  kLog(gpus.value().simulated
           ? "simulated GPUs: " + models + "; what is placed on them runs on cores alone"
           : "GPUs: " + models);
}

struct NodeKeys {
  OpenedKeys opened;
  node::RevokedTenants revoked;
};

base::Result<NodeKeys> OpenKeys(const Arguments& arguments, const std::filesystem::path& state) {
  const std::filesystem::path folder = state / "keys";
  BH_TRY(base::OpenPrivateFolder(AT_FDCWD, folder.string()));
  const std::string url =
      arguments.keys.empty() ? "file:" + (folder / "keyring").string() : arguments.keys;
  BH_ASSIGN(OpenedKeys opened, OpenKeyProvider(url, arguments.passphrase_file));
  BH_ASSIGN(node::RevokedTenants revoked, node::RevokedTenants::Open(folder / "revoked"));
  return NodeKeys{std::move(opened), std::move(revoked)};
}

base::Status RecordRelease(const node::KeyRelease& release) {
  kLog("the key " + release.key.provider + ":" + release.key.key + " opens " + release.model.model +
       " version " + std::to_string(release.model.version) + " of tenant " + release.model.tenant +
       " for worker " + release.worker);
  return base::Ok();
}

base::Status Serve(const Arguments& arguments) {
  BH_TRY(PrepareProcess());
  BH_ASSIGN(const base::UniqueFd stop, OpenSignals({SIGTERM, SIGINT}));
  const std::filesystem::path folder_path = arguments.state_folder.empty()
                                                ? base::HomeFolder()
                                                : std::filesystem::path(arguments.state_folder);
  BH_ASSIGN(const node::StateFolder folder, node::HoldStateFolder(folder_path, kFolderPatience));
  const std::filesystem::path socket = arguments.socket.empty()
                                           ? folder.path / "node.sock"
                                           : std::filesystem::path(arguments.socket);
  BH_ASSIGN(const std::filesystem::path worker, compartment::FindWorker());
  BH_ASSIGN(const compartment::WorkerProgram program, compartment::InspectWorker(worker));
  BH_ASSIGN(const std::unique_ptr<device::DeviceBackend> devices, device::OpenCpuBackend({}));
  BH_ASSIGN(const std::unique_ptr<device::DeviceBackend> gpus,
            OpenGpus(arguments.devices, folder.path));
  const node::NodeDevices all{*devices, gpus.get()};
  SayGpus(all);
  BH_ASSIGN(NodeKeys keys, OpenKeys(arguments, folder.path));
  const auto driver = MakeDriver(arguments, node::OwnerName(folder));
  std::random_device chance;
  const node::SupervisorOptions options{"bulkhead-node " BULKHEAD_VERSION,
                                        {arguments.optional_layers, arguments.backoff},
                                        chance(),
                                        arguments.allow_weak_isolation};
  const node::SealingParts sealing{*keys.opened.provider, keys.opened.name, RecordRelease,
                                   keys.revoked};
  return node::RunNode(socket, {all, *driver, program, kLog, sealing}, options, stop.get());
}

int Run(int argc, char** argv) {
  Arguments arguments;
  CLI::App program(kAbout, "bulkhead-node");
  program.set_version_flag("--version", "bulkhead-node " BULKHEAD_VERSION);
  program.set_help_flag("-h,--help", "print this help and exit");
  program.footer(kManual);
  Declare(program, arguments);
  DeclareKeys(program, arguments);
  DeclareRestarts(program, arguments.backoff);
  if (const auto over = ParseArguments(program, argc, argv, kLog)) return *over;
  const base::Status served = Serve(arguments);
  if (served.ok()) return kSuccess;
  kLog(served.error().detail);
  return kFailure;
}

}  // namespace
}  // namespace bulkhead::app

int main(int argc, char** argv) {
  return bulkhead::app::RunMain(argc, argv, bulkhead::app::kLog, bulkhead::app::Run);
}
