// SPDX-License-Identifier: Apache-2.0
// Bombs beside a neighbour: they end as what they are, and the neighbour stays what it was.
#include "sandbox_cases/neighbour.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sandbox_cases/hostile_model.h"
#include "sandbox_cases/laboratory.h"

namespace bulkhead::sandbox_cases {
namespace {

using isolation::EndReason;

// The value after "KEY:" and white space; "" when it has none.
std::string StatusLine(const std::filesystem::path& file, const std::string& key) {
  std::ifstream status(file);
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with(key + ":")) continue;
    const std::size_t value = line.find_first_not_of(" \t", key.size() + 1);
    return value == std::string::npos ? "" : line.substr(value);
  }
  return "no line " + key;
}

std::filesystem::path ProcessFolder(pid_t pid) { return "/proc/" + std::to_string(pid); }

class BesideANeighbour : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(laboratory_.failure, "");
    ASSERT_EQ(neighbour_.failure(), "");
  }

  Laboratory laboratory_ = OpenLaboratory();
  Neighbour neighbour_{laboratory_};
};

TEST_F(BesideANeighbour, AMemoryBombEndsOnlyItself) {
  const Outcome outcome = Watch(laboratory_, Order{Moment::kServing, "memory", "400"});
  EXPECT_EQ(outcome.end.reason, ::geteuid() == 0 ? EndReason::kOutOfMemory : EndReason::kFinished)
      << DescribeOutcome(outcome);
  EXPECT_TRUE(neighbour_.Answers());
}

// With a user of its own, so that its processes are not counted as the neighbour's.
TEST_F(BesideANeighbour, AThreadBombLeavesTheNeighbourItsThreads) {
  if (::geteuid() != 0) GTEST_SKIP() << "compartments of an ordinary user share its processes";
  Subject bomb = SubjectOf({Moment::kStarting, "threads", "200"});
  const Outcome outcome = Finish(laboratory_, bomb, Moment::kStarting, Start(laboratory_, bomb));
  EXPECT_FALSE(HasLoot(outcome)) << DescribeOutcome(outcome);
  EXPECT_TRUE(neighbour_.Answers());
}

TEST_F(BesideANeighbour, ABurningWorkerStaysOnItsCore) {
  Subject subject = SubjectOf({Moment::kStarting, "burn-cores", ""});
  auto worker = Start(laboratory_, subject);
  ASSERT_TRUE(worker.ok()) << worker.error().detail;
  const auto tasks = ProcessFolder(worker.value().compartment.pid) / "task";
  const std::string own = std::to_string(laboratory_.cpus.front());
  for (const auto& task : std::filesystem::directory_iterator(tasks)) {
    EXPECT_EQ(StatusLine(task.path() / "status", "Cpus_allowed_list"), own);
  }
  EXPECT_TRUE(neighbour_.Answers());
  const auto end = compartment::EndWorker(*laboratory_.driver, std::move(worker).value(),
                                          isolation::Cause::kTimedOut);
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(end.value().reason, EndReason::kTimedOut);
}

// No filter that would stop the first of them: the pid namespace ends them all, their group and the
// limit of their user keep them few.
TEST_F(BesideANeighbour, AForkBombStaysSmallEvenWithoutTheFilter) {
  Laboratory unfiltered = OpenLaboratory({isolation::Layer::kSyscallFilter});
  ASSERT_EQ(unfiltered.failure, "");
  const Outcome outcome = Watch(unfiltered, Order{Moment::kStarting, "processes", "200"});
  EXPECT_NE(outcome.log.find("(EAGAIN)"), std::string::npos) << DescribeOutcome(outcome);
  EXPECT_TRUE(neighbour_.Answers());
}

TEST_F(BesideANeighbour, NoTwoShareANamespace) {
  Subject subject = SubjectOf({Moment::kStarting, "sleep-forever", ""});
  auto worker = Start(laboratory_, subject);
  ASSERT_TRUE(worker.ok()) << worker.error().detail;
  for (const char* name : {"user", "mnt", "pid", "net", "ipc", "uts", "cgroup"}) {
    std::error_code failed;
    const auto of = [&](const std::filesystem::path& folder) {
      return std::filesystem::read_symlink(folder / "ns" / name, failed);
    };
    const auto ours = of("/proc/self");
    const auto first = of(ProcessFolder(neighbour_.pid()));
    const auto second = of(ProcessFolder(worker.value().compartment.pid));
    ASSERT_FALSE(failed) << name << ": " << failed.message();
    EXPECT_NE(first, ours) << name;
    EXPECT_NE(second, ours) << name;
    EXPECT_NE(first, second) << name;
  }
  EXPECT_TRUE(compartment::EndWorker(*laboratory_.driver, std::move(worker).value(),
                                     isolation::Cause::kKilled)
                  .ok());
}

// What somebody with a shell on the machine sees of the product's worker while it serves.
TEST(TheProductsWorker, HoldsNothingAsTheKernelSeesIt) {
  Laboratory laboratory = OpenProductLaboratory();
  ASSERT_EQ(laboratory.failure, "");
  Neighbour worker(laboratory, ModelThatAnswers(0.0F));
  ASSERT_EQ(worker.failure(), "");
  const auto folder = ProcessFolder(worker.pid());
  const auto status = folder / "status";
  for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapAmb"}) {
    EXPECT_EQ(StatusLine(status, set), "0000000000000000") << set;
  }
  EXPECT_EQ(StatusLine(status, "NoNewPrivs"), "1");
  EXPECT_EQ(StatusLine(status, "Seccomp"), "2");
  // Of starting, against exec, of serving.
  EXPECT_GE(std::stoi(StatusLine(status, "Seccomp_filters")), 3);
  EXPECT_TRUE(StatusLine(status, "NSpid").ends_with("\t1"));
  EXPECT_EQ(StatusLine(status, "Cpus_allowed_list"), std::to_string(laboratory.cpus.front()));
  // The files of a process that is not dumpable belong to root.
  struct stat owner{};
  ASSERT_EQ(::stat((folder / "environ").c_str(), &owner), 0);
  EXPECT_EQ(owner.st_uid, 0U);
  EXPECT_TRUE(worker.Answers());
  if (::geteuid() != 0) return;
  EXPECT_EQ(StatusLine(status, "CapBnd"), "0000000000000000");
  EXPECT_EQ(StatusLine(status, "Groups"), "");
  EXPECT_TRUE(StatusLine(status, "Uid").starts_with("20635975")) << StatusLine(status, "Uid");
}

}  // namespace
}  // namespace bulkhead::sandbox_cases
