// SPDX-License-Identifier: Apache-2.0
#include "app/daemon.h"

#include <csignal>
#include <cstdlib>
#include <stdexcept>

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "app/layer_option.h"

namespace bulkhead::app {
namespace {

std::string Written(const Log& log, std::string_view text) {
  testing::internal::CaptureStderr();
  log(text);
  return testing::internal::GetCapturedStderr();
}

TEST(DaemonLog, KeepsAnEntryOnOneLineWhateverIsInIt) {
  EXPECT_EQ(Written({"gate"}, "a\nb\x1b[2J\x7f"), "gate: a?b?[2J?\n");
}

TEST(DaemonLog, LeavesLineEndsToAProgramThatWantsThem) {
  EXPECT_EQ(Written({"node", LineEnds::kKeep}, "a\nb\tc"), "node: a\nb?c\n");
}

TEST(Daemon, ReadsASignalInsteadOfDyingOfIt) {
  sigset_t before;
  ASSERT_EQ(::sigprocmask(SIG_SETMASK, nullptr, &before), 0);
  const auto opened = OpenSignals({SIGHUP});
  ASSERT_TRUE(opened.ok());
  ASSERT_EQ(::raise(SIGHUP), 0);
  signalfd_siginfo news{};
  EXPECT_EQ(::read(opened.value().get(), &news, sizeof(news)), static_cast<ssize_t>(sizeof(news)));
  EXPECT_EQ(news.ssi_signo, static_cast<uint32_t>(SIGHUP));
  ASSERT_EQ(::sigprocmask(SIG_SETMASK, &before, nullptr), 0);
}

TEST(Daemon, LeavesNoCoreFileAndTakesEveryDescriptorItMayHave) {
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = 64;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  ASSERT_TRUE(PrepareProcess().ok());
  ASSERT_EQ(::getrlimit(RLIMIT_CORE, &limit), 0);
  EXPECT_EQ(limit.rlim_cur, 0U);
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(limit.rlim_cur, limit.rlim_max);
}

TEST(Daemon, SaysAnExceptionAndFails) {
  testing::internal::CaptureStderr();
  const int status = RunMain(0, nullptr, {"gate"},
                             [](int, char**) -> int { throw std::runtime_error("worn out"); });
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "gate: internal error: worn out\n");
  EXPECT_EQ(status, kFailure);
}

// What a program with the one option makes of a command line.
struct Parsed {
  std::optional<int> status;
  isolation::LayerSet layers;
  std::string said;
};

Parsed Parse(std::vector<std::string> words) {
  Parsed parsed;
  CLI::App program("", "gate");
  AddLayerOption(program, "layers", parsed.layers);
  words.insert(words.begin(), "gate");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  testing::internal::CaptureStderr();
  parsed.status = ParseArguments(program, static_cast<int>(argv.size()), argv.data(), Log{"gate"});
  parsed.said = testing::internal::GetCapturedStderr();
  return parsed;
}

TEST(LayerOption, TakesNamesWithCommasBetween) {
  const Parsed parsed = Parse({"--optional-layers", "landlock,syscall-filter"});
  EXPECT_EQ(parsed.status, std::nullopt);
  EXPECT_TRUE(parsed.layers.Has(isolation::Layer::kLandlock));
  EXPECT_TRUE(parsed.layers.Has(isolation::Layer::kSyscallFilter));
  EXPECT_FALSE(parsed.layers.Has(isolation::Layer::kUserNamespace));
}

TEST(LayerOption, IsThePolicyOfTheEnvironmentWhereTheCommandLineHasNone) {
  ::setenv("BULKHEAD_OPTIONAL_LAYERS", "own-user,cgroup-cpus", 1);
  const Parsed from_environment = Parse({});
  const Parsed from_both = Parse({"--optional-layers", "landlock"});
  ::setenv("BULKHEAD_OPTIONAL_LAYERS", "walls", 1);
  const Parsed wrong = Parse({});
  ::unsetenv("BULKHEAD_OPTIONAL_LAYERS");
  EXPECT_EQ(from_environment.layers,
            (isolation::LayerSet{isolation::Layer::kOwnUser, isolation::Layer::kCgroupCpus}));
  EXPECT_EQ(from_both.layers, isolation::LayerSet{isolation::Layer::kLandlock});
  EXPECT_EQ(wrong.status, kUsage);
}

TEST(LayerOption, SaysWhichNameIsNoLayer) {
  const Parsed parsed = Parse({"--optional-layers", "landlock,walls"});
  EXPECT_EQ(parsed.status, kUsage);
  EXPECT_NE(parsed.said.find("walls is not a layer"), std::string::npos);
  EXPECT_NE(parsed.said.find("see gate --help"), std::string::npos);
}

}  // namespace
}  // namespace bulkhead::app
