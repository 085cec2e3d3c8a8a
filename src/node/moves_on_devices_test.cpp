// SPDX-License-Identifier: Apache-2.0
// Plans of moves carried out over simulated GPUs and their journal: at every call of the driver
// that fails, before and after it took effect, and at every moment at which a node may be killed.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "device/inventory_file.h"
#include "device/test_gpus.h"
#include "planner/step_run.h"

namespace bulkhead::node {
namespace {

using base::Code;
using base::OperatorError;
using device::Gpu;
using device::GpuInstance;
using device::Partition;
using device::SimulatedGpus;
using planner::Found;
using planner::Spot;
using planner::Step;
using planner::StepKind;

constexpr int kGpus = 3;
constexpr int64_t kWanted = 100;
constexpr planner::Disruption kLimits{.moves_max = 4, .units_max = 16, .at_once = 2};

int Named(const char* profile) { return mig::FindProfile(device::A100(), profile); }

// What is on three A100 before: three halves on three GPUs, a small one and a foreign one, so that
// nothing large fits anywhere and two must move.
struct Beginning {
  Spot spot;
  int64_t owner;
};
std::vector<Beginning> Beginnings() {
  return {{{0, {Named("3g.20gb"), 4}}, 1},
          {{1, {Named("3g.20gb"), 4}}, planner::kForeign},
          {{1, {Named("1g.5gb"), 0}}, 2},
          {{2, {Named("4g.20gb"), 0}}, planner::kForeign},
          {{2, {Named("2g.10gb"), 4}}, 3}};
}

device::SimulatedMachine Machine() {
  device::SimulatedMachine machine;
  for (int i = 0; i < kGpus; ++i) {
    machine.gpus.push_back(device::MakeSimulatedGpu(device::A100(), i));
  }
  SimulatedGpus gpus(machine);
  for (const Beginning& one : Beginnings()) {
    if (one.owner != planner::kForeign) continue;
    const mig::Profile& profile =
        device::A100().profiles[static_cast<std::size_t>(one.spot.instance.profile)];
    const std::string uuid = machine.gpus[static_cast<std::size_t>(one.spot.gpu)].uuid;
    const auto id = gpus.CreateGpuInstance(uuid, profile.id, one.spot.instance.start);
    EXPECT_TRUE(gpus.CreateComputeInstance(uuid, id.value()).ok());
  }
  return gpus.machine();
}

planner::MovePlan PlanOf() {
  planner::GpuFleet fleet(std::vector<const mig::GpuModel*>{&device::A100()});
  for (int i = 0; i < kGpus; ++i) fleet.Add(0);
  for (const Beginning& one : Beginnings()) {
    EXPECT_TRUE(fleet.Hold(one.spot.gpu, {one.spot.instance, one.owner}));
  }
  return planner::PlanRoom(
      fleet, planner::EvenDemand(fleet),
      {.choices = {{0, Named("7g.40gb")}}, .separation = planner::Separation::kInstance}, kWanted,
      kLimits);
}

// A node over simulated GPUs that does steps: a start takes a partition, a destroy gives it back.
class Doer {
 public:
  Doer(std::shared_ptr<SimulatedGpus> gpus, const device::TestFolder& folder)
      : gpus_(std::move(gpus)),
        backend_(device::OpenTestGpus(
            gpus_, device::InstanceJournal::Open(folder.path(), "boot-1").value())) {}

  base::Status Take(const Spot& spot, int64_t owner) {
    const device::PartitionRequest request{
        device::A100().profiles[static_cast<std::size_t>(spot.instance.profile)].name,
        gpus_->machine().gpus[static_cast<std::size_t>(spot.gpu)].uuid, spot.instance.start};
    BH_ASSIGN(Partition partition, backend_->Acquire(request));
    if (base::Status cleared = backend_->Scrub(partition); !cleared.ok()) {
      left_.push_back(std::move(partition));
      return cleared;
    }
    held_[{spot.gpu, spot.instance.start, owner}] = std::move(partition);
    return base::Ok();
  }

  base::Status Do(const Step& step) {
    if (step.kind == StepKind::kStart) return Take(step.spot, step.owner);
    if (step.kind != StepKind::kDestroy) return base::Ok();
    const auto found = held_.find({step.spot.gpu, step.spot.instance.start, step.owner});
    if (found == held_.end()) return OperatorError(Code::kNotFound, "not held");
    BH_TRY(backend_->Release(found->second));
    held_.erase(found);
    return base::Ok();
  }

  // All that a plan left, of starts that failed halfway.
  void GiveBackWhatIsLeft() {
    for (const Partition& one : left_) EXPECT_TRUE(backend_->Release(one).ok());
  }

  [[nodiscard]] device::DeviceBackend& backend() { return *backend_; }

 private:
  std::shared_ptr<SimulatedGpus> gpus_;
  std::unique_ptr<device::DeviceBackend> backend_;
  std::map<std::tuple<int, int, int64_t>, Partition> held_;
  std::vector<Partition> left_;
};

// What a driver must show at any moment: a legal layout, with the two foreign ones untouched.
void ExpectLegal(const device::SimulatedMachine& machine) {
  std::size_t foreign = 0;
  // The reader of inventories refuses what no driver allows.
  ASSERT_TRUE(device::ParseInventory(device::FormatInventory(machine.gpus)).ok());
  for (const Beginning& one : Beginnings()) {
    if (one.owner != planner::kForeign) continue;
    for (const GpuInstance& there :
         machine.gpus[static_cast<std::size_t>(one.spot.gpu)].instances) {
      const bool same = there.profile == one.spot.instance.profile &&
                        there.start == one.spot.instance.start && there.compute.size() == 1;
      foreign += same ? 1 : 0;
    }
  }
  ASSERT_EQ(foreign, 2U);
}

std::map<int64_t, int> ServingIn(const std::vector<Found>& found) {
  std::map<int64_t, int> serving;
  for (const Found& one : found) {
    if (one.role == planner::Role::kServing) ++serving[one.owner];
  }
  return serving;
}

std::ptrdiff_t UnderWay(const std::vector<Found>& found) {
  std::map<int64_t, int> instances;
  for (const Found& one : found) ++instances[one.owner];
  return std::ranges::count_if(instances, [](const auto& one) { return one.second > 1; });
}

struct Course {
  device::TestFolder folder{"/dev/shm"};
  std::shared_ptr<SimulatedGpus> gpus = std::make_shared<SimulatedGpus>(Machine());
  Doer doer{gpus, folder};
  planner::StepRun run{Serving(), PlanOf().steps};

  std::vector<Found> Serving() {
    std::vector<Found> found;
    for (const Beginning& one : Beginnings()) {
      if (one.owner == planner::kForeign) continue;
      EXPECT_TRUE(doer.Take(one.spot, one.owner).ok());
      found.push_back({one.spot, one.owner});
    }
    return found;
  }

  // Does all of it, or as many steps, and holds every state against what was promised.
  void Run(int steps = 1000) {
    const std::map<int64_t, int> before = ServingIn(run.found());
    for (auto next = run.Next(); next && steps > 0; next = run.Next(), --steps) {
      if (doer.Do(*next).ok()) {
        run.Done();
      } else {
        run.Failed();
      }
      std::map<int64_t, int> now = ServingIn(run.found());
      now.erase(kWanted);
      ASSERT_EQ(now, before) << "a deployment has no instance, or two, that serve";
      ASSERT_LE(UnderWay(run.found()), kLimits.at_once);
      ASSERT_NO_FATAL_FAILURE(ExpectLegal(gpus->machine()));
    }
  }
};

// The instances that are ours are those that the plan's course says, and no others.
void ExpectNothingElse(Course& course) {
  std::set<std::pair<int, int>> said;
  for (const Found& one : course.run.found()) said.insert({one.spot.gpu, one.spot.instance.start});
  std::set<std::pair<int, int>> ours;
  const auto devices = course.doer.backend().List().value();
  for (int gpu = 0; gpu < kGpus; ++gpu) {
    const device::GpuDevice& one = *devices[static_cast<std::size_t>(gpu)].gpu;
    for (std::size_t i = 0; i < one.holders.size(); ++i) {
      if (one.holders[i].ours) ours.insert({gpu, one.gpu.instances[i].start});
    }
  }
  EXPECT_EQ(ours, said);
}

TEST(MovesOnDevices, MakeRoomBesideWhatRuns) {
  Course course;
  ASSERT_GE(PlanOf().moves.size(), 2U);
  ASSERT_NO_FATAL_FAILURE(course.Run());
  EXPECT_FALSE(course.run.failed());
  EXPECT_EQ(ServingIn(course.run.found()),
            (std::map<int64_t, int>{{1, 1}, {2, 1}, {3, 1}, {kWanted, 1}}));
  ExpectNothingElse(course);
}

TEST(MovesOnDevices, AreSettledWhicheverCallOfTheDriverFails) {
  std::size_t begins = 0;
  std::size_t calls = 0;
  {
    Course course;
    begins = course.gpus->calls().size();
    course.Run();
    calls = course.gpus->calls().size() - begins;
  }
  ASSERT_GT(calls, 30U);
  int failed = 0;
  for (std::size_t call = 0; call < calls; ++call) {
    for (const auto when : {SimulatedGpus::When::kBefore, SimulatedGpus::When::kAfter}) {
      SCOPED_TRACE(testing::Message() << "call " << call << " after " << static_cast<bool>(when));
      Course course;
      course.gpus->FailCall(static_cast<int>(call), OperatorError(Code::kUnavailable, "lost"),
                            when);
      ASSERT_NO_FATAL_FAILURE(course.Run());
      failed += course.run.failed() ? 1 : 0;
      EXPECT_EQ(UnderWay(course.run.found()), 0);
      course.doer.GiveBackWhatIsLeft();
      // One that could be neither completed nor removed is ours and idle: the next in its way
      // removes it.
      const auto devices = course.doer.backend().List().value();
      for (const device::Device& one : devices) {
        for (std::size_t i = 0; i < one.gpu->holders.size(); ++i) {
          const device::InstanceHolder& holder = one.gpu->holders[i];
          if (!holder.ours || !holder.partition_id.empty()) continue;
          const GpuInstance& idle = one.gpu->gpu.instances[i];
          const auto& profiles = one.gpu->gpu.model.profiles;
          EXPECT_TRUE(course.doer.backend()
                          .RemoveIdle({profiles[static_cast<std::size_t>(idle.profile)].name,
                                       one.id, idle.start})
                          .ok());
        }
      }
      ExpectNothingElse(course);
    }
  }
  EXPECT_GT(failed, 20);
}

std::string ReadText(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The machine, the journal and where deployments serve, when the node is killed.
struct Moment {
  device::SimulatedMachine machine;
  std::string journal;
  std::vector<Found> found;
};

TEST(MovesOnDevices, AreTakenUpAgainByTheNodeThatFollowsAKilledOne) {
  std::vector<Moment> moments;
  Course course;
  course.gpus->observer = [&] {
    moments.push_back(
        {course.gpus->machine(), ReadText(course.folder.path() / "instances"), course.run.found()});
  };
  course.Run();
  ASSERT_GT(moments.size(), 40U);
  for (std::size_t i = 0; i < moments.size(); ++i) {
    SCOPED_TRACE(i);
    const device::TestFolder folder("/dev/shm");
    folder.Write("/instances", moments[i].journal);
    const auto gpus = std::make_shared<SimulatedGpus>(moments[i].machine);
    Doer again(gpus, folder);
    ASSERT_NO_FATAL_FAILURE(ExpectLegal(gpus->machine()));
    for (const Gpu& gpu : gpus->machine().gpus) {
      for (const GpuInstance& one : gpu.instances) EXPECT_EQ(one.compute.size(), 1U);
    }
    // Every deployment has its instance again where it served, whatever else was under way.
    for (const Found& one : moments[i].found) {
      if (one.role != planner::Role::kServing) continue;
      const base::Status taken = again.Take(one.spot, one.owner);
      EXPECT_TRUE(taken.ok()) << taken.error().detail;
    }
    ASSERT_NO_FATAL_FAILURE(ExpectLegal(gpus->machine()));
  }
}

TEST(MovesOnDevices, MayStopAfterAnyStepAndBePlannedAnew) {
  const std::size_t steps = PlanOf().steps.size();
  for (std::size_t prefix = 0; prefix <= steps; ++prefix) {
    SCOPED_TRACE(prefix);
    Course course;
    ASSERT_NO_FATAL_FAILURE(course.Run(static_cast<int>(prefix)));
    if (course.run.Next()) course.run.Failed();
    ASSERT_NO_FATAL_FAILURE(course.Run());
    EXPECT_EQ(UnderWay(course.run.found()), 0);
    ExpectNothingElse(course);
  }
}

}  // namespace
}  // namespace bulkhead::node
