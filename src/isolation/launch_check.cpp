// SPDX-License-Identifier: Apache-2.0
#include "isolation/launch_check.h"

#include <algorithm>
#include <set>
#include <string>

#include <fmt/format.h>

#include "isolation/sandbox/child.h"

namespace bulkhead::isolation {
namespace {

using base::Status;
using std::filesystem::path;

constexpr std::size_t kNameLengthMax = 64;
constexpr std::size_t kPathsMax = 1024;
constexpr int kFirstNumber = 3;
constexpr int kLastNumber = 1023;

template <typename... Parts>
base::Error Invalid(fmt::format_string<Parts...> text, Parts&&... parts) {
  return base::OperatorError(base::Code::kInvalid,
                             fmt::format(text, std::forward<Parts>(parts)...));
}

bool HasZero(const std::string& text) { return text.find('\0') != std::string::npos; }

Status CheckInsidePath(const path& inside) {
  if (HasZero(inside.native())) return Invalid("a path has a zero byte");
  const bool plain = inside.is_absolute() && inside.has_filename() &&
                     inside.native() == inside.lexically_normal().native() &&
                     !inside.native().starts_with("//");
  if (plain) return base::Ok();
  return Invalid("the path {} is not absolute and plain", inside.native());
}

Status CheckPaths(const LaunchSpec& spec) {
  if (spec.files.size() + spec.devices.size() > kPathsMax) {
    return Invalid("more than {} files and devices", kPathsMax);
  }
  std::set<std::string> inside;
  std::set<std::string> folders;
  const auto add = [&](const path& destination) -> Status {
    BH_TRY(CheckInsidePath(destination));
    if (!inside.insert(destination).second) {
      return Invalid("two files want to be {}", destination.native());
    }
    path folder = destination.parent_path();
    for (; folder.has_relative_path(); folder = folder.parent_path()) folders.insert(folder);
    return base::Ok();
  };
  for (const FileBind& file : spec.files) {
    if (!file.source.is_absolute() || HasZero(file.source.native())) {
      return Invalid("the source {} is not an absolute path", file.source.native());
    }
    BH_TRY(add(file.destination));
  }
  for (const path& device : spec.devices) BH_TRY(add(device));
  for (const std::string& folder : folders) {
    if (inside.contains(folder)) return Invalid("{} is both a file and a folder", folder);
  }
  const bool has_program = std::ranges::any_of(
      spec.files, [&](const FileBind& file) { return file.destination == spec.program; });
  if (!has_program) return Invalid("the program {} is no file of it", spec.program.native());
  return base::Ok();
}

Status CheckTexts(const LaunchSpec& spec) {
  if (std::ranges::any_of(spec.arguments, HasZero)) return Invalid("an argument has a zero byte");
  for (const std::string& variable : spec.environment) {
    const auto equals = variable.find('=');
    if (HasZero(variable) || equals == 0 || equals == std::string::npos) {
      return Invalid("an environment variable is not NAME=value");
    }
  }
  return base::Ok();
}

Status CheckDescriptors(const LaunchSpec& spec) {
  std::set<int> numbers;
  for (const PassedDescriptor& passed : spec.descriptors) {
    if (passed.source < 0) return Invalid("descriptor {} is not open", passed.number);
    if (passed.number < kFirstNumber || passed.number > kLastNumber) {
      return Invalid("descriptor number {} is not in {} to {}", passed.number, kFirstNumber,
                     kLastNumber);
    }
    if (!numbers.insert(passed.number).second) {
      return Invalid("two descriptors want number {}", passed.number);
    }
  }
  return base::Ok();
}

Status CheckShare(const Share& share) {
  if (share.cpus.empty()) return Invalid("the share has no core");
  for (const int cpu : share.cpus) {
    if (cpu < 0 || cpu >= kCoresMax) return Invalid("{} is no core", cpu);
  }
  if (share.memory_bytes <= 0) return Invalid("the share has no memory");
  if (share.processes <= 0) return Invalid("the share has no process");
  return base::Ok();
}

}  // namespace

base::Status CheckUnmovedFiles(const LaunchSpec& spec) {
  for (const FileBind& file : spec.files) {
    if (file.source == file.destination) continue;
    return Invalid("without the layer private-root {} cannot be seen as {}", file.source.native(),
                   file.destination.native());
  }
  return base::Ok();
}

bool IsName(std::string_view name, std::size_t length_max) {
  return !name.empty() && name.size() <= length_max && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

base::Status CheckLaunchSpec(const LaunchSpec& spec) {
  if (!IsName(spec.name, kNameLengthMax)) {
    return Invalid("a compartment's name is 1 to {} of a-z, 0-9 and -", kNameLengthMax);
  }
  BH_TRY(CheckPaths(spec));
  BH_TRY(CheckTexts(spec));
  BH_TRY(CheckDescriptors(spec));
  return CheckShare(spec.share);
}

}  // namespace bulkhead::isolation
