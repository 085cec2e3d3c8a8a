// SPDX-License-Identifier: Apache-2.0
// Every system call number, by every convention of the processor, from inside a serving worker,
// against what lockdown/syscall_policy says of it.
#include <array>
#include <csignal>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <sys/syscall.h>

#include "lockdown/syscall_policy.h"
#include "sandbox_cases/laboratory.h"

namespace bulkhead::sandbox_cases {
namespace {

using lockdown::Verdict;

// Above every number of Linux 6.18, with a band of numbers that are none yet.
constexpr int kNumbers = 512;
constexpr int kX32Bit = 0x40000000;

struct Convention {
  std::string name;
  uint32_t arch = 0;
  int bit = 0;
};

struct TableCase {
  Convention convention;
  int number = 0;
  std::array<uint64_t, 6> arguments{};
};

bool EndsTheWorker(int number) {
  return number == SYS_exit || number == SYS_exit_group || number == SYS_rt_sigreturn;
}

// Zeros, which name no memory; other values where zeros would wait.
std::array<uint64_t, 6> HarmlessArguments(int number) {
  if (number == SYS_ppoll) return {1, 1};
  return {};
}

std::vector<Convention> Conventions() {
  std::vector<Convention> conventions{{"native", lockdown::NativeArch(), 0}};
#ifdef __x86_64__
  conventions.push_back({"x32", AUDIT_ARCH_X86_64, kX32Bit});
  conventions.push_back({"i386", AUDIT_ARCH_I386, 0});
#endif
  return conventions;
}

Order OrderOf(const TableCase& table_case) {
  std::string argument = table_case.convention.name + fmt::format(" {}", table_case.number);
  for (const uint64_t value : table_case.arguments) argument += fmt::format(" {}", value);
  return {Moment::kServing, "call", argument};
}

// uretprobe and uprobe: since Linux 6.14 no filter is asked about them, because a process is made
// to call them by whoever probes it (seccomp_uprobe_exception of kernel/seccomp.c). From anywhere
// else than the kernel's own trampoline they end in SIGILL and ENXIO.
bool NoFilterIsAsked(const TableCase& table_case) {
#ifdef __x86_64__
  constexpr int kUretprobe = 335;
  constexpr int kUprobe = 336;
  return table_case.convention.name == "native" &&
         (table_case.number == kUretprobe || table_case.number == kUprobe);
#else
  return table_case.number < 0;
#endif
}

bool PassedTheFilterInVain(const Outcome& outcome) {
  if (outcome.end.reason == isolation::EndReason::kCrashed) return outcome.end.signal == SIGILL;
  return outcome.log.find("(ENXIO)") != std::string::npos;
}

// nullopt: as the policy says.
std::optional<std::string> Judge(const TableCase& table_case, const Outcome& outcome) {
  const int number = table_case.number | table_case.convention.bit;
  const Verdict verdict = lockdown::Expect(lockdown::Stage::kServing, table_case.convention.arch,
                                           number, table_case.arguments);
  const isolation::End& end = outcome.end;
  if (NoFilterIsAsked(table_case) && PassedTheFilterInVain(outcome)) return std::nullopt;
  if (verdict == Verdict::kFatal) {
    if (!outcome.start && end.reason == isolation::EndReason::kViolated &&
        end.syscall_number == number && end.syscall_arch == table_case.convention.arch) {
      return std::nullopt;
    }
    return "should be a violation";
  }
  const bool returned = outcome.log.find("refused: ") != std::string::npos || HasLoot(outcome);
  if (returned && !outcome.answer && end.reason == isolation::EndReason::kFinished) {
    return std::nullopt;
  }
  return "should be survived";
}

std::vector<TableCase> Table() {
  std::vector<TableCase> table;
  for (const Convention& convention : Conventions()) {
    for (int number = 0; number < kNumbers; ++number) {
      if (convention.name == "native" && EndsTheWorker(number)) continue;
      table.push_back({convention, number, HarmlessArguments(number)});
    }
  }
  return table;
}

// One starts while the one before it runs: two compartments at most.
TEST(SyscallTable, EveryNumberInEveryConventionIsJudgedAsThePolicySays) {
  Laboratory laboratory = OpenLaboratory();
  ASSERT_EQ(laboratory.failure, "");
  struct Running {
    TableCase table_case;
    Subject subject;
    base::Result<compartment::Worker> worker;
  };
  std::optional<Running> before;
  int cases = 0;
  const auto finish = [&] {
    const Outcome outcome =
        Finish(laboratory, before->subject, Moment::kServing, std::move(before->worker));
    const auto complaint = Judge(before->table_case, outcome);
    EXPECT_FALSE(complaint.has_value())
        << before->table_case.convention.name << " " << before->table_case.number << " "
        << complaint.value_or("") << ": " << DescribeOutcome(outcome);
    ++cases;
  };
  for (const TableCase& table_case : Table()) {
    Subject subject = SubjectOf(OrderOf(table_case));
    subject.name = before && before->subject.name == "call-a" ? "call-b" : "call-a";
    auto worker = Start(laboratory, subject);
    if (before) finish();
    before.emplace(Running{table_case, std::move(subject), std::move(worker)});
  }
  if (before) finish();
  RecordProperty("cases", cases);
  fmt::print("{} calls\n", cases);
}

}  // namespace
}  // namespace bulkhead::sandbox_cases
