// SPDX-License-Identifier: Apache-2.0
#include "gateway/control.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "async/test_loop.h"
#include "meter/test_ledger.h"
#include "seal/test_sealed.h"
#include "store/sqlite_store.h"

namespace bulkhead::gateway {
namespace {

using base::Code;
using base::Status;
using fleet::DesiredDeployment;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

using Changes = std::vector<store::Change>;

constexpr Pepper kPepper{};

tenant::Tenant ATenant(const std::string& id, const std::string& name) {
  return {.id = {id}, .name = name, .created_unix_ms = 1'800'000'000'000};
}

store::Change Added(const tenant::Tenant& tenant) { return store::Put(tenant); }

// What is opened once: the files of a folder.
class ControlTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(home());
    std::filesystem::permissions(home(), std::filesystem::perms::owner_all);
    store_ = OpenStore();
    files_ = store::ModelFiles::Open(home() / "models").value();
    control_ = std::make_unique<Control>(ControlParts{
        *store_, *files_, blocking_, accounts_,
        [this](const std::vector<DesiredDeployment>& desired) { desired_.push_back(desired); },
        [](std::string_view) {}});
  }

  [[nodiscard]] std::filesystem::path home() const { return folder_.path() / "gateway"; }

  // As another gateway on the same records has it.
  [[nodiscard]] std::unique_ptr<store::Store> OpenStore() const {
    return store::OpenSqliteStore(home() / "bulkhead.db").value();
  }

  template <typename T>
  T Wait(async::Task<T> task) {
    const auto outcome = async::Start(io_, std::move(task));
    async::RunUntil(io_, [&] { return outcome->has_value(); });
    return std::move(outcome->value());
  }

  Status Change(Control::Plan plan) { return Wait(control_->Change(std::move(plan))); }
  Status Apply(const Changes& changes) {
    return Change([changes](const auto&, const auto&) { return changes; });
  }

  static void ApplyTo(store::Store& store, const Changes& changes) {
    const auto revision = store.Revision();
    ASSERT_TRUE(revision.ok());
    const auto applied = store.Apply(revision.value(), changes);
    ASSERT_TRUE(applied.ok()) << applied.error().detail;
  }

  // A version of tenant A's model "plates", sealed as `sealed_version`.
  tenant::ModelVersion Push(std::string_view text, uint32_t sealed_version = 1) {
    seal::SealedHeader header = seal::HeaderOf(text);
    header.name = {"tenantAtenantA00", "plates", sealed_version};
    auto upload = files_->Begin({{"tenantAtenantA00"}, {"plates"}, 1}).value();
    EXPECT_TRUE(upload.Write(seal::SealedAs(header, text).value()).ok());
    EXPECT_TRUE(upload.Finish().ok());
    return {.tenant = {"tenantAtenantA00"},
            .model = {"plates"},
            .version = 1,
            .sha256 = header.plain_sha256,
            .bytes = text.size()};
  }

  const tenant::Tenant a_ = ATenant("tenantAtenantA00", "plant");
  const tenant::Tenant b_ = ATenant("tenantBtenantB00", "city");
  const meter::TestFolder folder_;
  boost::asio::io_context io_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<store::ModelFiles> files_;
  Accounts accounts_{kPepper};
  std::vector<std::vector<DesiredDeployment>> desired_;  // one per time it was set
  async::BlockingThread blocking_;
  std::unique_ptr<Control> control_;
};

TEST_F(ControlTest, LoadsWhatTheStoreHolds) {
  ApplyTo(*OpenStore(), {Added(a_)});
  EXPECT_EQ(accounts_.directory().FindTenant(a_.id), nullptr);
  ASSERT_TRUE(Wait(control_->Load()).ok());
  EXPECT_NE(accounts_.directory().FindTenant(a_.id), nullptr);
  EXPECT_EQ(control_->snapshot().revision, 1U);
  EXPECT_THAT(desired_, ElementsAre(IsEmpty()));
}

TEST_F(ControlTest, AChangeIsDurableAndInForceWhenItIsDone) {
  ASSERT_TRUE(Wait(control_->Load()).ok());
  ASSERT_TRUE(Apply({Added(a_)}).ok());
  EXPECT_THAT(OpenStore()->Load().value().tenants, ElementsAre(a_));
  EXPECT_NE(accounts_.directory().FindTenantByName("plant"), nullptr);
}

TEST_F(ControlTest, APlanThatFailsOrWantsNothingLeavesEverythingAsItIs) {
  ASSERT_TRUE(Wait(control_->Load()).ok());
  const Status failed = Change([](const auto&, const auto&) -> base::Result<Changes> {
    return base::PublicError(Code::kNotFound, "no such tenant");
  });
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().public_message, "no such tenant");
  EXPECT_TRUE(Apply({}).ok());
  EXPECT_EQ(store_->Revision().value(), 0U);
  EXPECT_THAT(desired_, SizeIs(1));  // as loaded
}

TEST_F(ControlTest, PlansAgainOnWhatSomebodyElseChangedMeanwhile) {
  ASSERT_TRUE(Wait(control_->Load()).ok());
  const auto other = OpenStore();
  std::vector<std::size_t> tenants_seen;
  const Status changed = Change([&](const auto&, const tenant::Directory& directory) {
    tenants_seen.push_back(directory.Tenants().size());
    if (tenants_seen.size() == 1) ApplyTo(*other, {Added(b_)});
    return Changes{Added(a_)};
  });
  ASSERT_TRUE(changed.ok());
  EXPECT_THAT(tenants_seen, ElementsAre(0U, 1U));
  EXPECT_THAT(accounts_.directory().Tenants(), SizeIs(2));
}

TEST_F(ControlTest, DoesNotRepeatAChangeThatIsInConflictWithTheRecordsThemselves) {
  ASSERT_TRUE(Wait(control_->Load()).ok());
  ASSERT_TRUE(Apply({Added(a_)}).ok());
  int plans = 0;
  const Status taken = Change([&](const auto&, const auto&) {
    ++plans;
    return Changes{Added(ATenant("tenantCtenantC00", a_.name))};
  });
  ASSERT_FALSE(taken.ok());
  EXPECT_EQ(taken.error().code, Code::kConflict);
  EXPECT_EQ(plans, 1);
}

TEST_F(ControlTest, ChangesOneAfterTheOtherEachOnWhatTheLastOneLeft) {
  ASSERT_TRUE(Wait(control_->Load()).ok());
  std::vector<std::size_t> tenants_seen;
  const auto add = [&](const tenant::Tenant& tenant) {
    return async::Start(
        io_, control_->Change([&tenants_seen, tenant](const auto& snapshot, const auto&) {
          tenants_seen.push_back(snapshot.tenants.size());
          return Changes{Added(tenant)};
        }));
  };
  const auto first = add(a_);
  const auto second = add(b_);
  const auto third = add(ATenant("tenantCtenantC00", "port"));
  async::RunUntil(io_,
                  [&] { return first->has_value() && second->has_value() && third->has_value(); });
  EXPECT_THAT(tenants_seen, ElementsAre(0U, 1U, 2U));
  EXPECT_TRUE((*first)->ok() && (*second)->ok() && (*third)->ok());
}

TEST_F(ControlTest, FollowsWhatOthersChangedAndNothingElse) {
  ASSERT_TRUE(Wait(control_->Load()).ok());
  ASSERT_TRUE(Wait(control_->Follow()).ok());
  EXPECT_THAT(desired_, SizeIs(1));
  ApplyTo(*OpenStore(), {Added(a_)});
  ASSERT_TRUE(Wait(control_->Follow()).ok());
  EXPECT_THAT(desired_, SizeIs(2));
  EXPECT_NE(accounts_.directory().FindTenant(a_.id), nullptr);
}

TEST_F(ControlTest, WritesTheLastUseOfAKeyOnce) {
  const auto given =
      tenant::ApiKey{{"keyAkeyAkeyAkeyA"}, std::string(tenant::kKeySecretChars, 's')};
  const tenant::Key key{.id = given.id,
                        .tenant = a_.id,
                        .label = "line 3",
                        .secret_hmac = tenant::HashSecret(kPepper, given.secret)};
  ApplyTo(*store_, {Added(a_), store::Put(key)});
  ASSERT_TRUE(Wait(control_->Load()).ok());
  ASSERT_TRUE(accounts_.Authenticate(tenant::FormatApiKey(given)).ok());
  ASSERT_TRUE(Wait(control_->FlushKeyUses()).ok());
  EXPECT_TRUE(store_->Load().value().keys.at(0).last_used_unix_ms.has_value());
  EXPECT_THAT(accounts_.TakeKeyUses(), IsEmpty());
}

TEST_F(ControlTest, OpensTheSealedFileOfAVersionThatThereIs) {
  const tenant::ModelVersion model = Push("onnx");
  ApplyTo(*store_, {Added(a_), store::Put(model)});
  ASSERT_TRUE(Wait(control_->Load()).ok());
  const auto opened = Wait(control_->OpenModel(a_.id, model.model, 1));
  ASSERT_TRUE(opened.ok()) << opened.error().detail;
  std::string bytes(8, '\0');
  ASSERT_EQ(::pread(opened.value().get(), bytes.data(), bytes.size(), 0), 8);
  EXPECT_EQ(bytes, "BHSEALED");
  EXPECT_EQ(Wait(control_->OpenModel(a_.id, model.model, 2)).error().code, Code::kNotFound);
  EXPECT_EQ(Wait(control_->OpenModel(b_.id, model.model, 1)).error().code, Code::kNotFound);
}

TEST_F(ControlTest, OpensNoFileOfAnotherVersionOrOtherBytesThanTheRecords) {
  tenant::ModelVersion model = Push("onnx", 2);
  ApplyTo(*store_, {Added(a_), store::Put(model)});
  ASSERT_TRUE(Wait(control_->Load()).ok());
  EXPECT_EQ(Wait(control_->OpenModel(a_.id, model.model, 1)).error().code, Code::kCorrupt);
  Push("onny");
  EXPECT_EQ(Wait(control_->OpenModel(a_.id, model.model, 1)).error().code, Code::kCorrupt);
  Push("onnx");
  EXPECT_TRUE(Wait(control_->OpenModel(a_.id, model.model, 1)).ok());
}

TEST(DesiredOf, UnloadsWhatATenantUnloadedAndAllOfOneThatIsSuspended) {
  tenant::Tenant suspended = ATenant("tenantBtenantB00", "city");
  suspended.suspended = true;
  const tenant::Tenant active = ATenant("tenantAtenantA00", "plant");
  const auto deployed = [](const char* id, const tenant::Tenant& tenant, const char* model) {
    return tenant::Deployment{.id = {id}, .tenant = tenant.id, .model = {model}};
  };
  tenant::Records records{
      .tenants = {active, suspended},
      .deployments = {deployed("d1", active, "plates"), deployed("d2", active, "welds"),
                      deployed("d3", suspended, "faces")}};
  records.deployments[1].loaded = false;
  const auto desired = DesiredOf(*tenant::Directory::Make(records, nullptr, 0));
  std::vector<std::string> loaded;
  for (const DesiredDeployment& deployment : desired) {
    if (deployment.loaded) loaded.push_back(deployment.id.text);
  }
  EXPECT_THAT(desired, SizeIs(3));
  EXPECT_THAT(loaded, ElementsAre("d1"));
}

}  // namespace
}  // namespace bulkhead::gateway
