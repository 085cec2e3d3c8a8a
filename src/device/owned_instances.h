// SPDX-License-Identifier: Apache-2.0
// GPU instances that we make and remove. A failure or a crash at any point leaves nothing of ours
// that is not known, and nothing that others made is touched.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "device/gpu_driver.h"
#include "device/instance_journal.h"

namespace bulkhead::device {

using Wait = std::function<void(std::chrono::milliseconds)>;

// How often an instance that is in use is tried again to be removed, and how long that takes: a
// process that was killed holds its instance until the driver has cleaned up after it.
constexpr int kRemoveTriesMax = 8;
constexpr std::chrono::milliseconds kRemoveWaitFirst{20};  // doubled each time: 2.5 s in all

// The instance as the driver has it now; nullptr: it is not there, or what is in its place has
// another number, profile or compute instances than ours and so is not ours.
//
// One that was only intended has no number yet: an instance of its profile in its place is ours
// while it has no compute instance, because place and profile were free when the intent was written
// and nobody can use an instance without one.
const GpuInstance* FindOwned(const OwnedInstance& owned, const std::vector<Gpu>& gpus);

// The same, and nullptr unless it is complete: with its compute instance, and to be kept.
const GpuInstance* FindWhole(const OwnedInstance& owned, const std::vector<Gpu>& gpus);

class OwnedInstances {
 public:
  OwnedInstances(GpuDriver& driver, InstanceJournal journal, Wait wait)
      : driver_(driver), journal_(std::move(journal)), wait_(std::move(wait)) {}

  [[nodiscard]] const std::map<uint64_t, OwnedInstance>& owned() const { return journal_.owned(); }
  uint64_t NextGeneration() { return journal_.NextGeneration(); }

  // After a start: forgets what is not there any more and removes what is half made or half gone.
  // What cannot be removed now stays ours. kUnavailable: the driver or the journal does not answer.
  base::Status Recover();

  // A GPU instance with one compute instance of its whole size; its generation. After an error it
  // is removed again, as far as the driver lets us; what it does not let us remove stays ours and
  // not whole. Errors of GpuDriver and of the journal.
  base::Result<uint64_t> Make(const Gpu& gpu, int profile, int start);

  // Also when it is not there any more. kConflict: in use, after all tries. kUnavailable: the
  // driver or the journal refuses. kNotFound: not ours.
  base::Status Remove(uint64_t generation);

 private:
  base::Status Complete(uint64_t generation, const std::string& gpu, int gpu_instance);
  base::Status RemoveParts(const std::string& gpu, const GpuInstance& instance);
  base::Status WhenIdle(const std::function<base::Status()>& remove);

  GpuDriver& driver_;
  InstanceJournal journal_;
  Wait wait_;
};

}  // namespace bulkhead::device
