// SPDX-License-Identifier: Apache-2.0
#include "lockdown/syscall_filter.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <random>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <linux/audit.h>
#include <signal.h>
#include <sys/syscall.h>

#include "lockdown/process_flags.h"
#include "lockdown/test_bpf_evaluator.h"
#include "lockdown/test_child.h"

namespace bulkhead::lockdown {
namespace {

using Arguments = std::array<uint64_t, 6>;

constexpr Stage kStages[] = {Stage::kStarting, Stage::kServing};
constexpr uint32_t kConventions[] = {AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64,
                                     AUDIT_ARCH_ARM, 0};

SyscallFilter Compiled(Stage stage) {
  auto filter = CompileSyscallFilter(stage);
  EXPECT_TRUE(filter.ok());
  return filter.ok() ? std::move(filter).value() : SyscallFilter{};
}

Verdict Meaning(std::optional<uint32_t> action) {
  if (action == SECCOMP_RET_ALLOW) return Verdict::kAllowed;
  const bool is_errno = action && (*action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO;
  if (is_errno && (*action & SECCOMP_RET_DATA) != 0) return Verdict::kRefused;
  EXPECT_EQ(action, SECCOMP_RET_TRAP);
  return Verdict::kFatal;
}

// Every number that any kernel of these conventions has, those around, and the odd ones.
std::vector<int> Numbers() {
  std::vector<int> numbers{-1, -2, INT_MAX, INT_MIN, 0x3fffffff};
  for (int number = 0; number < 1100; ++number) {
    numbers.push_back(number);
    numbers.push_back(0x40000000 | number);
  }
  return numbers;
}

// Values that sit on the edges of a row's tests.
std::vector<uint64_t> Edges(const ArgumentTest& test) {
  constexpr uint64_t kHigh = uint64_t{1} << 32;
  return {test.value,
          test.value | kHigh,
          test.value | ~test.mask,
          ~test.value,
          ~test.mask,
          test.value ^ 1,
          test.value + 1,
          test.mask,
          test.mask & ~kHigh,
          test.value ^ (test.mask & (~test.mask + 1))};
}

std::vector<Arguments> Calls(int number) {
  std::vector<Arguments> calls{Arguments{}};
  Arguments ones;
  ones.fill(~uint64_t{0});
  calls.push_back(ones);
  for (const PolicyRow& row : PolicyRows()) {
    if (row.number != number) continue;
    std::vector<Arguments> forms{Arguments{}};
    for (std::size_t i = 0; i < row.test_count; ++i) {
      std::vector<Arguments> next;
      for (const Arguments& form : forms) {
        for (const uint64_t value : Edges(row.tests.at(i))) {
          next.push_back(form);
          next.back().at(row.tests.at(i).index) = value;
        }
      }
      forms = std::move(next);
    }
    calls.insert(calls.end(), forms.begin(), forms.end());
  }
  return calls;
}

seccomp_data CallOf(uint32_t arch, int number, const Arguments& arguments) {
  seccomp_data call{};
  call.nr = number;
  call.arch = arch;
  std::ranges::copy(arguments, call.args);
  return call;
}

TEST(SyscallFilter, AnswersEveryNumberOfEveryConventionAsTheTableSays) {
  for (const Stage stage : kStages) {
    const SyscallFilter filter = Compiled(stage);
    BpfEvaluator evaluator(filter);
    for (const uint32_t arch : kConventions) {
      for (const int number : Numbers()) {
        for (const Arguments& arguments : Calls(number)) {
          ASSERT_EQ(Meaning(evaluator.Run(CallOf(arch, number, arguments))),
                    Expect(stage, arch, number, arguments))
              << SyscallName(arch, number) << " of " << arch << " with "
              << testing::PrintToString(arguments);
        }
      }
    }
  }
}

TEST(SyscallFilter, AnswersChanceArgumentsAsTheTableSays) {
  std::mt19937_64 chance(20261122);
  for (const Stage stage : kStages) {
    const SyscallFilter filter = Compiled(stage);
    BpfEvaluator evaluator(filter);
    for (const PolicyRow& row : PolicyRows()) {
      for (int round = 0; round < 500; ++round) {
        Arguments arguments;
        // Few bits set, so that tests of single bits go both ways.
        for (uint64_t& argument : arguments) argument = chance() & chance() & chance() & chance();
        for (std::size_t i = 0; i < row.test_count; ++i) {
          const ArgumentTest& test = row.tests.at(i);
          uint64_t& argument = arguments.at(test.index);
          if (chance() % 4 != 0) argument = (argument & ~test.mask) | test.value;
        }
        ASSERT_EQ(Meaning(evaluator.Run(CallOf(NativeArch(), row.number, arguments))),
                  Expect(stage, NativeArch(), row.number, arguments))
            << SyscallName(NativeArch(), row.number) << testing::PrintToString(arguments);
      }
    }
  }
}

TEST(SyscallFilter, IsShortEnoughForTheKernel) {
  for (const Stage stage : kStages) {
    const std::size_t length = Compiled(stage).program.size();
    EXPECT_GT(length, 20U);
    EXPECT_LT(length, std::size_t{BPF_MAXINSNS});
  }
}

// A child that has one filter, then does as `body` says with raw calls.
ChildEnd RunUnder(Stage stage, const std::function<int(int)>& body) {
  const SyscallFilter filter = Compiled(stage);
  return RunInChild([&](int said) {
    if (SetNoNewPrivileges() != 0) return 100;
    if (InstallSyscallFilter(filter, false) != 0) return 101;
    return body(said);
  });
}

TEST(SyscallFilter, EndsAProcessThatMakesAForbiddenCall) {
  for (const Stage stage : kStages) {
    const ChildEnd end = RunUnder(stage, [](int) {
      ::syscall(SYS_ptrace, -1L, 0, 0, 0);
      return 1;
    });
    EXPECT_TRUE(end.DiedOf(SIGSYS)) << end.wait_status;
  }
}

TEST(SyscallFilter, LetsAllowedCallsThroughAndRefusesWithTheErrnoOfTheTable) {
  const ChildEnd end = RunUnder(Stage::kStarting, [](int) {
    if (::syscall(SYS_getpid) <= 0) return 1;
    if (::syscall(SYS_clone3, nullptr, 0) != -1 || errno != ENOSYS) return 2;
    if (::syscall(SYS_sched_setaffinity, 0, 0, nullptr) != -1 || errno != EPERM) return 3;
    return 0;
  });
  EXPECT_TRUE(end.ExitedWith(0)) << end.wait_status;
}

TEST(SyscallFilter, NeedsNoNewPrivilegesOrTheRightToAdministrate) {
  const SyscallFilter filter = Compiled(Stage::kServing);
  const ChildEnd end = RunInChild([&](int) {
    // Another user id than 0 has no rights; where this fails we had none to begin with.
    ::syscall(SYS_setresuid, 65534, 65534, 65534);
    return InstallSyscallFilter(filter, false);
  });
  EXPECT_TRUE(end.ExitedWith(EACCES)) << end.wait_status;
}

TEST(SyscallFilter, RefusesAnEmptyProgram) {
  const ChildEnd end = RunInChild([](int) {
    return SetNoNewPrivileges() == 0 ? InstallSyscallFilter(SyscallFilter{}, false) : 100;
  });
  EXPECT_TRUE(end.ExitedWith(EINVAL)) << end.wait_status;
}

// A thread that existed before the filter: waits for a byte, then does what is forbidden.
int WithOlderThread(bool all_threads, const SyscallFilter& filter) {
  int go[2];
  if (::pipe(go) != 0) return 100;
  std::thread older([&go] {
    char byte = 0;
    ::syscall(SYS_read, go[0], &byte, 1);
    ::syscall(SYS_ptrace, -1L, 0, 0, 0);
    ::syscall(SYS_exit_group, 7);
  });
  if (SetNoNewPrivileges() != 0) return 101;
  if (InstallSyscallFilter(filter, all_threads) != 0) return 102;
  ::syscall(SYS_write, go[1], "g", 1);
  for (;;) ::syscall(SYS_read, go[1], nullptr, 0);
}

TEST(SyscallFilter, HoldsThreadsThatWereThereBeforeIfAskedTo) {
  const SyscallFilter filter = Compiled(Stage::kServing);
  EXPECT_TRUE(RunInChild([&](int) { return WithOlderThread(true, filter); }).DiedOf(SIGSYS));
  EXPECT_TRUE(RunInChild([&](int) { return WithOlderThread(false, filter); }).ExitedWith(7));
}

TEST(SyscallFilter, SaysWhenAThreadHasFiltersOfItsOwn) {
  const SyscallFilter filter = Compiled(Stage::kStarting);
  const ChildEnd end = RunInChild([&](int) {
    int wait[2];
    int ready[2];
    if (::pipe(wait) != 0 || ::pipe(ready) != 0 || SetNoNewPrivileges() != 0) return 100;
    std::thread other([&] {
      const int error = InstallSyscallFilter(filter, false);
      Say(ready[1], error);
      char byte = 0;
      ::syscall(SYS_read, wait[0], &byte, 1);
    });
    int error = -1;
    ::syscall(SYS_read, ready[0], &error, sizeof error);
    const int result = error == 0 ? InstallSyscallFilter(filter, true) : 101;
    ::syscall(SYS_exit_group, result);
    return 102;
  });
  EXPECT_TRUE(end.ExitedWith(ESRCH)) << end.wait_status;
}

TEST(SyscallFilter, CanBeCompiledAndInstalledUnderTheStageBefore) {
  const ChildEnd end = RunUnder(Stage::kStarting, [](int said) {
    const auto serving = CompileSyscallFilter(Stage::kServing);
    if (!serving.ok()) return 1;
    if (InstallSyscallFilter(serving.value(), true) != 0) return 2;
    Say(said, 'i');
    ::syscall(SYS_openat, -1, nullptr, 0);
    return 3;
  });
  EXPECT_TRUE(end.DiedOf(SIGSYS)) << end.wait_status;
  EXPECT_EQ(end.said, "i");
}

TEST(SyscallName, IsTheNameInThatConvention) {
  EXPECT_EQ(SyscallName(AUDIT_ARCH_X86_64, 101), "ptrace");
  EXPECT_EQ(SyscallName(AUDIT_ARCH_X86_64, 0x40000000 | 521), "ptrace");
  EXPECT_EQ(SyscallName(AUDIT_ARCH_I386, 26), "ptrace");
  EXPECT_EQ(SyscallName(AUDIT_ARCH_AARCH64, 117), "ptrace");
}

TEST(SyscallName, IsTheNumberWhereNobodyKnowsIt) {
  EXPECT_EQ(SyscallName(AUDIT_ARCH_X86_64, 999), "syscall 999");
  EXPECT_EQ(SyscallName(AUDIT_ARCH_X86_64, -1), "syscall -1");
  EXPECT_EQ(SyscallName(0, 1), "syscall 1");
}

}  // namespace
}  // namespace bulkhead::lockdown
