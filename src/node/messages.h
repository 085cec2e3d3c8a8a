// SPDX-License-Identifier: Apache-2.0
// What is said on the node's control socket, as values. The bytes: docs/formats/node_protocol.md.
// "Client" is the gateway's side. Models and setups are descriptors that no parser of the node's
// looks into.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/sha256.h"
#include "device/device_backend.h"
#include "isolation/end.h"
#include "isolation/layer.h"
#include "node/worker_lifecycle.h"
#include "seal/sealed_header.h"

namespace bulkhead::node {

// Chosen by the client, above 0. 0: belongs to no request.
using RequestId = uint64_t;

// --- Client to node -----------------------------------------------------------------------------

// First, once. Answered with Welcome, or Refused and the end of the connection.
struct Hello {};

// Acquires partitions and starts a worker in them. Answered with Accepted or Refused; the worker's
// Launched and Ended follow.
//
// Two descriptors come with it: the sealed model's file, and a memfd with an encoded
// channel::Setup. Each start unseals anew (sealing.h); what that refuses is told by Ended.
struct Launch {
  RequestId id = 0;
  seal::SealedName model;  // what the file must be
  std::string name;        // 1 to 64 of [a-z0-9-], unique among the node's workers
  std::string profile;     // "cpu:2c4g", or of a GPU: "1g.5gb", "gpu"
  std::string cores;       // beside a profile of a GPU what the worker's threads run on: "cpu:1c2g"
  // Where its tenant allows it to run: at least one, each once. The node refuses what would be
  // another.
  std::vector<device::Tier> tiers;
  // A place on a GPU, where the client chose one; otherwise the node does.
  std::optional<std::string> device_id = std::nullopt;
  std::optional<int> start = std::nullopt;
  isolation::LayerSet optional_layers;
  bool restart = true;  // LifecycleRules::restart
  std::chrono::milliseconds start_timeout{120'000};
  std::chrono::milliseconds drain_timeout{30'000};
};

enum class Order : uint8_t { kDrain, kDestroy, kRestart };

// To one worker. Answered with Accepted or Refused (kNotFound); what comes of it is told by Ended
// and Launched.
struct WorkerOrder {
  RequestId id = 0;
  Order order = Order::kDrain;
  std::string name;
};

// Answered with Listing: workers in the order of their names, from the first one after `after`.
struct List {
  RequestId id = 0;
  std::string after;
};

// Answered with GpuListing: GPUs in the node's order, from that number on.
struct ListGpus {
  RequestId id = 0;
  uint32_t first = 0;
};

// Makes an instance that no worker has yet, or gives one up (device::DeviceBackend::MakeIdle and
// RemoveIdle). Answered with Accepted once it is done, or Refused.
struct ChangeInstance {
  enum class Change : uint8_t { kMake, kRemove };
  RequestId id = 0;
  Change change = Change::kMake;
  std::string device_id;
  std::string profile;
  int start = 0;
};

// Seals a plain model under its tenant's key, which the first one makes. Two descriptors come with
// it: a memfd with the plaintext, which the client wipes, and an empty file, which the node writes.
// Answered with Sealed or Refused.
struct Seal {
  RequestId id = 0;
  seal::SealedName name;
};

// The data key of a sealed file under the newest version of its tenant's key. One descriptor: the
// file, which is not changed. Answered with Rewrapped or Refused.
struct Rewrap {
  RequestId id = 0;
  seal::SealedName name;
};

enum class KeyAction : uint8_t {
  kDescribe = 1,
  kRotate = 2,          // a new version, which wraps from now on
  kEndOldVersions = 3,  // what they wrapped unwraps no more
  kRevoke = 4,          // workers end, and none is started, until kRestore
  kRestore = 5,
  kDestroy = 6,  // for good, and workers end
};

// About one tenant's key. Answered with KeyStatus, as it is then, or Refused.
struct KeyOrder {
  RequestId id = 0;
  KeyAction action = KeyAction::kDescribe;
  std::string tenant;  // its id
};

using Request = std::variant<Hello, Launch, WorkerOrder, List, ListGpus, ChangeInstance, Seal,
                             Rewrap, KeyOrder>;

// --- Node to client -----------------------------------------------------------------------------

// The GPUs that a node makes partitions of.
struct NodeGpus {
  std::vector<std::string> models;  // each kind once: "A100-40GB"; empty: it has none
  bool simulated = false;           // none of them exists: workers run on cores alone
};

struct Welcome {
  std::string program;  // name and version, for people
  NodeGpus gpus;
};

struct Accepted {
  RequestId id = 0;
};

struct Refused {
  RequestId id = 0;
  base::Error error;
};

// Where a worker runs.
struct Place {
  std::string partition_id;
  std::string device_id;
  std::string profile;
  std::optional<int> start;  // of an instance on its GPU, in units of placement
  std::string cores;         // beside a GPU: the profile of the worker's cores
  // What separates it from others in truth: with a simulated GPU that is the tier of its cores.
  device::Tier tier = device::Tier::kCpu;
  bool simulated = false;  // the partition is of a device that does not exist
  friend bool operator==(const Place&, const Place&) = default;
};

// A worker is ready: frames may be sent. Once per start, with one descriptor: the client's end of
// the worker's frames socket. That of an earlier start is dead by then.
struct Launched {
  std::string name;
  int starts = 0;  // how many there have been, this one included
  Place place;
  isolation::LayerSet layers;  // those that were reached
};

// A worker's process ended, or did not even begin; or it is gone for good (kEnded).
struct Ended {
  std::string name;
  int starts = 0;
  Phase phase = Phase::kEnded;  // what follows: kBackingOff, kFailed or kEnded
  std::optional<isolation::End> end;
  std::optional<base::Error> error;         // why it did not begin
  std::chrono::milliseconds next_start{0};  // of kBackingOff: how long from now
};

struct WorkerSummary {
  std::string name;
  Place place;
  Phase phase = Phase::kPlanned;
  isolation::LayerSet layers;
  int starts = 0;
};

struct Listing {
  RequestId id = 0;
  std::vector<WorkerSummary> workers;
  bool more = false;  // ask again, after the last name
};

// Who has an instance, or a whole GPU.
struct GpuOwner {
  bool ours = false;         // this node made it; of a whole GPU: it is held
  std::string partition_id;  // empty: nobody holds it
  std::string worker;        // empty: none; a partition may be kept out of use
  friend bool operator==(const GpuOwner&, const GpuOwner&) = default;
};

struct ListedGpu {
  std::string inventory;  // this one GPU, as device/inventory_file.h writes it
  GpuOwner whole;
  std::string fenced;               // why nothing is taken of it; empty: it is in order
  std::vector<GpuOwner> instances;  // of the inventory's, in their order
  friend bool operator==(const ListedGpu&, const ListedGpu&) = default;
};

struct GpuListing {
  RequestId id = 0;
  bool more = false;  // ask again, from `first` plus so many
  std::vector<ListedGpu> gpus;
};

struct Sealed {
  RequestId id = 0;
  base::Sha256Digest plain_sha256{};
  uint64_t plain_bytes = 0;
  seal::KeyName key;
};

struct Rewrapped {
  RequestId id = 0;
  std::vector<std::byte> header;  // all of it, in the place of the file's own
};

struct KeyStatus {
  RequestId id = 0;
  seal::KeyName key;
  bool exists = false;  // false: nothing was sealed yet, or the key was destroyed
  uint32_t oldest = 0;  // versions, where it exists
  uint32_t newest = 0;
  bool revoked = false;
};

using Reply = std::variant<Welcome, Accepted, Refused, Launched, Ended, Listing, GpuListing, Sealed,
                           Rewrapped, KeyStatus>;

}  // namespace bulkhead::node
