// SPDX-License-Identifier: Apache-2.0
// The configurations of NVIDIA's mig-parted (version v1): for each GPU how many instances of each
// profile there should be. The format has no placements.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "mig/profile_name.h"

namespace bulkhead::migparted {

// Ids of PCI as device << 16 | vendor, "0x20B010DE" or "0x233010DE:0x16C010DE".
struct DeviceId {
  uint32_t device = 0;
  std::optional<uint32_t> subsystem;
  friend bool operator==(const DeviceId&, const DeviceId&) = default;
};

struct ProfileCount {
  mig::ProfileName profile;
  int count = 0;
  friend bool operator==(const ProfileCount&, const ProfileCount&) = default;
};

struct Entry {
  std::vector<DeviceId> filter;             // none: GPUs of any kind
  std::optional<std::vector<int>> devices;  // indices among all GPUs; absent: all of them
  bool mig_enabled = false;
  std::vector<ProfileCount> instances;  // as written; no profile twice
  friend bool operator==(const Entry&, const Entry&) = default;
};

struct Config {
  std::string name;
  std::vector<Entry> entries;
  friend bool operator==(const Config&, const Config&) = default;
};

struct Document {
  std::vector<Config> configs;  // as written; no name twice

  [[nodiscard]] const Config* Find(std::string_view name) const;
  friend bool operator==(const Document&, const Document&) = default;
};

// Reads a file of mig-parted. kInvalid for what that program refuses too (other fields, another
// version, instances where MIG is off), and for ids and names that it would pass over in silence;
// kExhausted beyond the limits of ParseYaml. Messages are public: one sentence, with the line.
// Counts go up to 64, indices up to 1023, names of configurations are up to 128 visible ASCII
// characters without quotes and backslashes.
base::Result<Document> ParseDocument(std::string_view text);

// The same as YAML, which ParseDocument reads back to an equal document. kInvalid for a name that
// ParseDocument would refuse.
base::Result<std::string> FormatDocument(const Document& document);

}  // namespace bulkhead::migparted
