// SPDX-License-Identifier: Apache-2.0
#include "isolation/cgroup_mounts.h"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace bulkhead::isolation {
namespace {

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

bool IsOctal(char digit) { return digit >= '0' && digit <= '7'; }

// Space, tab, newline and backslash are written as \ooo.
std::string Unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size() && IsOctal(text[i + 1]) && IsOctal(text[i + 2]) &&
        IsOctal(text[i + 3])) {
      const int value = (text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0');
      out.push_back(static_cast<char>(value));
      i += 3;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

bool HasWord(const std::vector<std::string_view>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool HasController(const std::vector<std::string>& controllers, std::string_view controller) {
  return std::find(controllers.begin(), controllers.end(), controller) != controllers.end();
}

std::optional<CgroupMount> ParseMount(std::string_view line) {
  // ID PARENT DEVICE ROOT POINT OPTIONS [optional fields] - TYPE SOURCE SUPER_OPTIONS
  constexpr std::size_t kRoot = 3;
  constexpr std::size_t kPoint = 4;
  constexpr std::size_t kOptions = 5;
  const std::vector<std::string_view> fields = Split(line, ' ');
  if (fields.size() <= kOptions) return std::nullopt;
  const auto dash = std::find(fields.begin() + kOptions + 1, fields.end(), "-");
  if (fields.end() - dash < 4) return std::nullopt;
  const std::string_view type = dash[1];
  if (type != "cgroup" && type != "cgroup2") return std::nullopt;
  CgroupMount mount;
  mount.version = type == "cgroup2" ? 2 : 1;
  mount.root = Unescaped(fields[kRoot]);
  mount.point = Unescaped(fields[kPoint]);
  const std::vector<std::string_view> super_options = Split(dash[3], ',');
  mount.read_only = HasWord(Split(fields[kOptions], ','), "ro") || HasWord(super_options, "ro");
  if (mount.version == 1) mount.controllers.assign(super_options.begin(), super_options.end());
  return mount;
}

// `path` as seen below the mount: "" or "/...". Nothing when it lies outside of it. Both paths
// count from the root of the cgroup namespace and begin with "/.." where they lie outside that.
std::optional<std::string> BelowMount(const CgroupMount& mount, std::string_view path) {
  const std::string_view root = mount.root == "/" ? std::string_view() : mount.root;
  if (path == mount.root) return std::string();
  if (!path.starts_with(root)) return std::nullopt;
  path.remove_prefix(root.size());
  if (!path.starts_with('/') || HasWord(Split(path, '/'), "..")) return std::nullopt;
  return std::string(path);
}

std::string NotMounted(std::string_view controller) {
  return "no cgroup hierarchy with the " + std::string(controller) +
         " controller is mounted here: mount cgroup2 at /sys/fs/cgroup";
}

std::string ReadOnly(const CgroupMount& mount) {
  return mount.point +
         " is mounted read-only: give the container a writable cgroup mount of its own";
}

std::string OutOfReach(const CgroupMount& mount, std::string_view path) {
  return mount.point + " does not show this process's own cgroup " + std::string(path) +
         ": mount it from inside the container's cgroup namespace";
}

}  // namespace

std::vector<CgroupMount> ParseCgroupMounts(std::string_view mountinfo) {
  std::vector<CgroupMount> mounts;
  for (const std::string_view line : Split(mountinfo, '\n')) {
    if (auto mount = ParseMount(line)) mounts.push_back(std::move(*mount));
  }
  return mounts;
}

std::vector<CgroupMembership> ParseCgroupMemberships(std::string_view text) {
  std::vector<CgroupMembership> memberships;
  for (const std::string_view line : Split(text, '\n')) {
    const std::size_t first = line.find(':');
    if (first == std::string_view::npos) continue;
    const std::size_t second = line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    CgroupMembership membership;
    const std::string_view names = line.substr(first + 1, second - first - 1);
    if (!names.empty()) {
      for (const std::string_view name : Split(names, ',')) {
        membership.controllers.emplace_back(name);
      }
    }
    // The kernel writes this path without escapes: a group's name cannot hold a newline.
    membership.path = line.substr(second + 1);
    if (membership.path.starts_with('/')) memberships.push_back(std::move(membership));
  }
  return memberships;
}

CgroupPlace LocateController(const std::vector<CgroupMount>& mounts,
                             const std::vector<CgroupMembership>& memberships,
                             std::string_view controller) {
  CgroupPlace place;
  const CgroupMembership* own = nullptr;
  for (const CgroupMembership& membership : memberships) {
    const bool named = HasController(membership.controllers, controller);
    if (named) place.version = 1;
    if (named || (own == nullptr && membership.controllers.empty())) own = &membership;
  }
  place.reason = NotMounted(controller);
  if (own == nullptr) return place;
  bool writable = false;
  for (const CgroupMount& mount : mounts) {
    if (mount.version != place.version) continue;
    if (place.version == 1 && !HasController(mount.controllers, controller)) continue;
    const auto below = BelowMount(mount, own->path);
    if (below && !mount.read_only) {
      place.folder = mount.point + *below;
      writable = true;
    } else {
      place.reason = below ? ReadOnly(mount) : OutOfReach(mount, own->path);
    }
  }
  if (writable) place.reason.clear();
  return place;
}

}  // namespace bulkhead::isolation
