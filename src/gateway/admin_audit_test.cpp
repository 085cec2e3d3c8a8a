// SPDX-License-Identifier: Apache-2.0
#include "gateway/admin_audit.h"

#include <gtest/gtest.h>

namespace bulkhead::gateway {
namespace {

using audit::Annotation;
using audit::Event;
using audit::EventKind;
using audit::Label;

const std::shared_ptr<const tenant::Directory>& ADirectory() {
  static const auto directory = [] {
    tenant::Records records;
    records.tenants = {{.id = {"tenantAtenantA00"}, .name = "plant"}};
    records.keys = {{.id = {"KeyKeyKeyKeyKey0"}, .tenant = {"tenantAtenantA00"}}};
    records.models = {{{"tenantAtenantA00"}, {"line-3"}, 1, {}, 1, 0}};
    records.deployments = {
        {{"deploymentdeplo0"}, {"tenantAtenantA00"}, {"line-3"}, 1, "cpu:1c1g", 1, true, 0}};
    return tenant::Directory::Make(records, nullptr, 0);
  }();
  return directory;
}

std::vector<Event> Actions(const std::string& method, std::vector<std::string> segments,
                           std::string_view body = "") {
  http::Request http;
  http.method = method;
  http.target = "/admin";
  for (const std::string& segment : segments) http.target += "/" + segment;
  http.peer = "unix:1000 pid 4711";
  const auto bytes = std::as_bytes(std::span(body));
  http.body.assign(bytes.begin(), bytes.end());
  ActionOutcome outcome;
  return ActionsOf({http, std::move(segments), outcome}, *ADirectory());
}

void ExpectOne(const std::vector<Event>& events, EventKind kind, std::string_view tenant,
               std::string_view object) {
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].kind, kind) << audit::NamesOf(events[0].kind).name;
  EXPECT_EQ(events[0].tenant.text(), tenant);
  EXPECT_EQ(events[0].object_name.text(), object);
  EXPECT_EQ(events[0].user_id, Label("unix:1000"));
  EXPECT_EQ(events[0].annotations.at(Annotation::kProcess), Label("pid 4711"));
}

TEST(AdminAudit, KnowsEveryChange) {
  ExpectOne(Actions("POST", {"tenants"}, R"({"name":"city"})"), EventKind::kTenantCreate, "city",
            "city");
  ExpectOne(Actions("DELETE", {"tenants", "plant"}), EventKind::kTenantDelete, "plant", "plant");
  ExpectOne(Actions("POST", {"tenants", "plant", "keys"}), EventKind::kKeyCreate, "plant", "");
  ExpectOne(Actions("DELETE", {"keys", "KeyKeyKeyKeyKey0"}), EventKind::kKeyRevoke, "plant",
            "KeyKeyKeyKeyKey0");
  ExpectOne(Actions("POST", {"keys", "KeyKeyKeyKeyKey0", "rotate"}), EventKind::kKeyRotate, "plant",
            "KeyKeyKeyKeyKey0");
  ExpectOne(Actions("POST", {"tenants", "plant", "seal", "rotate"}), EventKind::kDataKeyRotate,
            "plant", "plant");
  ExpectOne(Actions("POST", {"tenants", "plant", "seal", "shred"}), EventKind::kDataKeyDestroy,
            "plant", "plant");
  const auto revoked = Actions("POST", {"tenants", "plant", "seal", "revoke"});
  ExpectOne(revoked, EventKind::kPolicyChange, "plant", "plant");
  EXPECT_EQ(revoked[0].annotations.at(Annotation::kNewValue), Label("seal revoke"));
  ExpectOne(Actions("POST", {"tenants", "plant", "models", "m", "versions"}, "weights"),
            EventKind::kModelUpload, "plant", "m");
  ExpectOne(Actions("DELETE", {"tenants", "plant", "models", "m"}), EventKind::kModelDelete,
            "plant", "m");
  ExpectOne(Actions("PUT", {"tenants", "plant", "deployments", "line-3"}, "{}"),
            EventKind::kModelDeploy, "plant", "line-3");
  ExpectOne(Actions("DELETE", {"tenants", "plant", "deployments", "line-3"}),
            EventKind::kModelUndeploy, "plant", "line-3");
  ExpectOne(Actions("POST", {"ledger", "export"}), EventKind::kLedgerExport, "", "begin");
}

TEST(AdminAudit, SaysWhatWasAndWhatIsToBe) {
  const auto deploy =
      Actions("PUT", {"tenants", "plant", "deployments", "line-3"}, R"({"profile": "cpu:2c4g"})");
  EXPECT_EQ(deploy[0].annotations.at(Annotation::kNewValue), Label(R"({"profile":"cpu:2c4g"})"));
  EXPECT_EQ(deploy[0].annotations.at(Annotation::kOldValue),
            Label(R"({"profile":"cpu:1c1g","replicas":1,"version":1})"));
}

TEST(AdminAudit, SplitsAnUpdateIntoWhatItChanges) {
  const auto events = Actions("PATCH", {"tenants", "plant"},
                              R"({"suspended":true,"quota":{"deployments":3},"policy":{}})");
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].kind, EventKind::kTenantSuspend);
  EXPECT_EQ(events[1].kind, EventKind::kQuotaChange);
  EXPECT_EQ(events[1].annotations.at(Annotation::kNewValue), Label(R"({"deployments":3})"));
  EXPECT_TRUE(events[1].annotations.contains(Annotation::kOldValue));
  EXPECT_EQ(events[2].kind, EventKind::kPolicyChange);
  ExpectOne(Actions("PATCH", {"tenants", "plant"}, R"({"suspended":false})"),
            EventKind::kTenantResume, "plant", "plant");
}

TEST(AdminAudit, RecordsWhatItDoesNotKnow) {
  ExpectOne(Actions("POST", {"something", "new"}), EventKind::kConfigChange, "", "");
  ExpectOne(Actions("PATCH", {"tenants", "plant"}, "no JSON"), EventKind::kConfigChange, "plant",
            "plant");
  ExpectOne(Actions("PUT", {}), EventKind::kConfigChange, "", "");
}

}  // namespace
}  // namespace bulkhead::gateway
