// SPDX-License-Identifier: Apache-2.0
#include "gateway/denials.h"

#include <gtest/gtest.h>

#include "tenant/api_key.h"

namespace bulkhead::gateway {
namespace {

using audit::Annotation;
using audit::EventKind;
using audit::Label;
using base::Code;

class DenialsTest : public testing::Test {
 protected:
  DenialsTest() {
    tenant::Records records;
    records.tenants = {{.id = {"tenantAtenantA00"}, .name = "plant"},
                       {.id = {"tenantBtenantB00"}, .name = "city"}};
    records.keys = {{.id = {"KeyKeyKeyKeyKey0"}, .tenant = {"tenantBtenantB00"}}};
    records.models = {{{"tenantAtenantA00"}, {"line-3"}, 1, {}, 1, 0},
                      {{"tenantBtenantB00"}, {"street"}, 1, {}, 1, 0}};
    records.deployments = {
        {{"deploymentdeplo0"}, {"tenantBtenantB00"}, {"street"}, 1, "cpu:1c1g", 1, true, 0}};
    accounts_.Set(std::move(records));
  }

  Accounts accounts_{Pepper{}};
  Denials denials_{accounts_};
  const Caller city_{{"tenantBtenantB00"}, "city", {"KeyKeyKeyKeyKey0"}, 0};
};

TEST_F(DenialsTest, TellsWhetherAnAskedModelIsAnothersOrNobodys) {
  denials_.RefusedRequest(city_, "line-3.detect", "203.0.113.7", Code::kNotFound);
  denials_.RefusedRequest(city_, "line-4", "203.0.113.7", Code::kNotFound);
  const auto events = denials_.TakeAll();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].kind, EventKind::kAccessDeny);
  EXPECT_EQ(events[0].tenant, Label("city"));
  EXPECT_EQ(events[0].object_name, Label("line-3"));
  EXPECT_EQ(events[0].user_id, Label("KeyKeyKeyKeyKey0"));
  EXPECT_EQ(events[0].status, 404);
  EXPECT_EQ(events[0].source_ips, std::vector<Label>{"203.0.113.7"});
  EXPECT_EQ(events[0].annotations.at(Annotation::kDecision), Label("it is another tenant's"));
  EXPECT_EQ(events[1].annotations.at(Annotation::kDecision), Label("it is nobody's"));
}

TEST_F(DenialsTest, CountsNoRequestThatFailedForAnotherReason) {
  denials_.RefusedRequest(city_, "street", "203.0.113.7", Code::kNotFound);  // a version of its own
  denials_.RefusedRequest(city_, "line-3", "203.0.113.7", Code::kExhausted);
  denials_.RefusedRequest(city_, "line-3", "203.0.113.7", Code::kInvalid);
  EXPECT_TRUE(denials_.TakeAll().empty());
  denials_.RefusedRequest(city_, "street", "203.0.113.7", Code::kDenied);
  EXPECT_EQ(denials_.TakeAll().size(), 1U);
}

TEST_F(DenialsTest, NamesARefusedKeyByItsIdAndNeverByItsText) {
  const tenant::ApiKey wrong{{"KeyKeyKeyKeyKey0"}, std::string(tenant::kKeySecretChars, 's')};
  const std::string text = tenant::FormatApiKey(wrong);
  const auto refused = accounts_.Authenticate(text);
  ASSERT_FALSE(refused.ok());
  denials_.RefusedKey(std::nullopt, text, "203.0.113.7", refused.error());
  denials_.RefusedKey(std::nullopt, text, "203.0.113.7", refused.error());
  denials_.RefusedKey("Bearer something", std::nullopt, "203.0.113.7", refused.error());
  denials_.RefusedKey(std::nullopt, std::nullopt, "203.0.113.7", refused.error());
  const auto events = denials_.TakeAll();
  ASSERT_EQ(events.size(), 4U);
  EXPECT_EQ(events[0].user_id, Label("KeyKeyKeyKeyKey0"));
  EXPECT_EQ(events[0].tenant, Label("city")) << "whose key it claims to be";
  EXPECT_EQ(events[0].reason, Label("wrong secret"));
  EXPECT_EQ(events[1].reason, Label("not a key"));
  EXPECT_EQ(events[2].reason, Label("no key"));
  EXPECT_EQ(events[3].annotations.at(Annotation::kAmount), Label("1 more"));
  for (const audit::Event& event : events) {
    EXPECT_EQ(event.user_id.text().find("sssss"), std::string::npos);
  }
}

}  // namespace
}  // namespace bulkhead::gateway
