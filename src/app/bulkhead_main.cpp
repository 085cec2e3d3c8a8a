// SPDX-License-Identifier: Apache-2.0
// The command-line program.
#include <csignal>
#include <exception>
#include <iostream>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "app/compose.h"
#include "cli/audit_command.h"
#include "cli/console.h"
#include "cli/deploy_command.h"
#include "cli/detect_command.h"
#include "cli/doctor_command.h"
#include "cli/gpu_command.h"
#include "cli/health_command.h"
#include "cli/model_command.h"
#include "cli/seal_command.h"
#include "cli/serve_command.h"
#include "cli/tenant_command.h"
#include "cli/terminal_text.h"

namespace bulkhead::app {
namespace {

int Run(int argc, char** argv) {
  const cli::Console console{&std::cout, &std::cerr, ::isatty(STDOUT_FILENO) == 1,
                             ::isatty(STDERR_FILENO) == 1};
  const cli::OpenEngine open_engine = ComposeEngine();
  const cli::OpenDriver open_driver = ComposeDriver();
  const cli::OpenDevices open_devices = ComposeDevices();
  const cli::OpenGpus open_gpus = ComposeGpus();
  const cli::OpenKeys open_keys = ComposeKeys();
  const cli::ProbeKeys probe_keys = ComposeKeyProbe();
  int exit_status = cli::kSuccess;

  CLI::App program("Serves YOLO models, each in a compartment of its own.", "bulkhead");
  program.set_version_flag("--version", "bulkhead " BULKHEAD_VERSION);
  program.set_help_flag("-h,--help", "print this help and exit");
  program.require_subcommand(1);
  program.footer("`bulkhead COMMAND --help` explains a command.");
  cli::AddDetectCommand(program, open_engine, open_driver, console, exit_status);
  cli::AddModelCommand(program, console, exit_status);
  cli::AddModelAdminCommands(program, console, exit_status);
  cli::AddModelSealCommand(program, open_keys, console, exit_status);
  cli::AddSealCommand(program, console, exit_status);
  cli::AddServeCommand(program, console, exit_status);
  cli::AddHealthCommand(program, console, exit_status);
  cli::AddTenantCommand(program, console, exit_status);
  cli::AddKeyCommand(program, console, exit_status);
  cli::AddDeployCommands(program, console, exit_status);
  cli::AddUsageCommands(program, console, exit_status);
  cli::AddAuditCommand(program, console, exit_status);
  cli::AddGpuCommand(program, open_gpus, console, exit_status);
  cli::AddDoctorCommand(program, open_driver, open_devices, probe_keys, console, exit_status);
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& request) {
    return program.exit(request);
  } catch (const CLI::ParseError& error) {
    std::cerr << "bulkhead: " << cli::EscapeForTerminal(error.what()) << "; see bulkhead --help\n";
    return cli::kUsage;
  }
  return exit_status;
}

}  // namespace
}  // namespace bulkhead::app

int main(int argc, char** argv) {
  // A reader that goes away (`| head`) ends the program through a failed write, not a signal.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return bulkhead::app::Run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "bulkhead: internal error: " << bulkhead::cli::EscapeForTerminal(error.what())
              << '\n';
    return bulkhead::cli::kFailure;
  }
}
