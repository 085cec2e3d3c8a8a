// SPDX-License-Identifier: Apache-2.0
#include "cli/console.h"

#include <ostream>

#include "cli/terminal_text.h"

namespace bulkhead::cli {

void PrintError(const Console& console, std::string_view command, std::string_view subject,
                const base::Error& error) {
  *console.err << "bulkhead " << command << ": ";
  if (!subject.empty()) *console.err << EscapeForTerminal(subject) << ": ";
  *console.err << EscapeForTerminal(error.detail) << '\n';
}

}  // namespace bulkhead::cli
