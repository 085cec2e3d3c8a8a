// SPDX-License-Identifier: Apache-2.0
#include "cli/admin_command.h"

namespace bulkhead::cli {

void AddAdminOptions(CLI::App& command, AdminArguments& arguments) {
  command
      .add_option("--admin", arguments.socket,
                  "the gateway's admin socket [gateway/admin.sock in BULKHEAD_HOME]")
      ->type_name("PATH");
  command.add_flag("--json", arguments.json, "print JSON instead of text");
  command.footer(
      "EXIT STATUS\n"
      "  0  done\n"
      "  1  it could not be done; the line says why and what to do\n"
      "  2  the command line is wrong");
}

}  // namespace bulkhead::cli
