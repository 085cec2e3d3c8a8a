// SPDX-License-Identifier: Apache-2.0
#include "cli/serve_command.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/home_folder.h"
#include "cli/serve.h"

namespace bulkhead::cli {
namespace {

constexpr const char* kAbout =
    "Serves tenants from this machine: starts bulkhead-node, which puts each model in a "
    "compartment\n"
    "of its own, and bulkhead-gateway, which clients reach.";

constexpr const char* kManual =
    "FIRST STEPS, IN ANOTHER TERMINAL\n"
    "  bulkhead tenant create plant\n"
    "  bulkhead key create --tenant plant\n"
    "  bulkhead model push line-3 line-3.onnx --tenant plant\n"
    "  bulkhead deploy line-3 --tenant plant\n"
    "  curl -H 'X-API-Key: KEY' --data-binary @part.jpg \\\n"
    "    http://localhost:8000/v1/models/line-3/detect\n\n"
    "STATE\n"
    "  Everything is kept below --home: node/, and gateway/ with tenants, models, the ledger.\n\n"
    "STOPPING\n"
    "  SIGTERM or SIGINT (Ctrl-C): running requests are answered, then everything ends; a second\n"
    "  one ends it at once.\n\n"
    "EXIT STATUS\n"
    "  0  it was told to stop\n"
    "  1  a part could not start, or ended by itself; the last lines say why\n"
    "  2  the command line is wrong";

void PassOn(CLI::App& command, std::vector<std::string>& to, const std::string& name,
            const std::string& about, const std::string& type) {
  command
      .add_option_function<std::string>(
          name, [&to, name](const std::string& value) { to.insert(to.end(), {name, value}); },
          about)
      ->type_name(type);
}

void PassOnDevices(CLI::App& command, const std::shared_ptr<ServeArguments>& arguments) {
  command
      .add_option_function<std::string>(
          "--sim",
          [arguments](const std::string& spec) {
            arguments->node.insert(arguments->node.end(), {"--devices", "sim:" + spec});
          },
          "simulated GPUs, as a100x2,t4: deployments are placed on them, workers run on cores")
      ->type_name("SPEC");
  PassOn(command, arguments->node, "--devices", "cpu:, nvml: for this machine's GPUs [cpu:]",
         "URL");
}

void PassOnAdvice(CLI::App& command, const std::shared_ptr<ServeArguments>& arguments) {
  command
      .add_option_function<std::vector<std::string>>(
          "--dcgm",
          [arguments](const std::vector<std::string>& urls) {
            for (const std::string& url : urls) {
              arguments->gateway.insert(arguments->gateway.end(), {"--dcgm", url});
            }
          },
          "http://HOST:PORT/metrics of a dcgm-exporter; may be repeated")
      ->type_name("URL")
      ->allow_extra_args(false);
  command.add_flag_callback(
      "--auto-resize", [arguments] { arguments->gateway.emplace_back("--auto-resize"); },
      "follow what `bulkhead gpu plan --from-usage` advises, within limits");
  PassOn(command, arguments->gateway, "--auto-resize-profiles", "the only ones to move to [any]",
         "A,B,...");
  PassOn(command, arguments->gateway, "--auto-resize-moves",
         "of all deployments together, in any 24 hours [4]", "N");
}

}  // namespace

void AddServeCommand(CLI::App& program, const Console& console, int& exit_status) {
  CLI::App& command = *program.add_subcommand("serve", kAbout);
  const auto arguments = std::make_shared<ServeArguments>();
  arguments->home = base::HomeFolder();
  command.add_option("--home", arguments->home, "the folder of all state [BULKHEAD_HOME]")
      ->type_name("DIR");
  PassOn(command, arguments->gateway, "--http", "HTTP/1.1 [:8000]", "[ADDRESS]:PORT");
  PassOn(command, arguments->gateway, "--grpc", "gRPC, or off [:8001]", "[ADDRESS]:PORT");
  PassOn(command, arguments->gateway, "--metrics", "/metrics [127.0.0.1:8002]", "[ADDRESS]:PORT");
  PassOn(command, arguments->gateway, "--tls-cert", "PEM chain; with it only TLS", "FILE");
  PassOn(command, arguments->gateway, "--tls-key", "its PEM key", "FILE");
  PassOn(command, arguments->gateway, "--store", "sqlite:PATH or postgres://... [sqlite: there]",
         "URL");
  PassOn(command, arguments->gateway, "--drain-time", "what running requests get at the end [30]",
         "SECONDS");
  PassOnDevices(command, arguments);
  PassOnAdvice(command, arguments);
  PassOn(command, arguments->node, "--isolation", "sandbox, or pod inside of a container [sandbox]",
         "KIND");
  PassOn(command, arguments->node, "--keys",
         "where the keys of sealed models are, as file:PATH [file:node/keys/keyring there]", "URL");
  PassOn(command, arguments->node, "--key-passphrase-file",
         "the keyring is encrypted under what stands in it", "FILE");
  command
      .add_option_function<std::string>(
          "--optional-layers",
          [arguments](const std::string& value) {
            for (auto* program_arguments : {&arguments->node, &arguments->gateway}) {
              program_arguments->insert(program_arguments->end(), {"--optional-layers", value});
            }
          },
          "layers of isolation to do without where the machine lacks them "
          "[BULKHEAD_OPTIONAL_LAYERS]")
      ->type_name("A,B,...");
  command.add_flag_callback(
      "--allow-weak-isolation",
      [arguments] {
        for (auto* program_arguments : {&arguments->node, &arguments->gateway}) {
          program_arguments->emplace_back("--allow-weak-isolation");
        }
      },
      "start with whatever layers of isolation there are; the log says which are missing");
  command.footer(kManual);
  command.callback(
      [arguments, &console, &exit_status] { exit_status = RunServe(*arguments, console); });
}

}  // namespace bulkhead::cli
