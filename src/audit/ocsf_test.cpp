// SPDX-License-Identifier: Apache-2.0
#include "audit/ocsf.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "audit/test_log.h"

namespace bulkhead::audit {
namespace {

using nlohmann::json;

json Mapped(const Event& event) {
  std::vector<std::byte> line;
  EncodeRecord({.sequence = 12, .group = 12, .time_unix_ms = 1'800'000'000'250}, EncodeEvent(event),
               line);
  const std::string text(reinterpret_cast<const char*>(line.data()), line.size());
  return json::parse(OcsfEvent(ReadRecord(text).value()));
}

TEST(Ocsf, HasEachFieldWhereItsClassWantsIt) {
  Event event = ExampleEvent();
  event.reason = "made \"so\"\n";
  EXPECT_EQ(Mapped(event), json::parse(R"({
    "category_uid": 6, "class_uid": 6003, "activity_id": 1, "activity_name": "Create",
    "type_uid": 600301, "severity_id": 1, "status_id": 1, "time": 1800000000250,
    "start_time": 1800000000000,
    "metadata": {"product": {"name": "Bulkhead", "vendor_name": "Bulkhead"}, "version": "1.3.0",
                 "uid": "12", "correlation_uid": "req-7", "event_code": "model-upload"},
    "actor": {"user": {"name": "ada", "uid": "TenantA123456789"}},
    "api": {"operation": "model-upload", "response": {"code": 201, "message": "made \"so\"\n"}},
    "resources": [{"type": "models", "name": "line-3", "namespace": "acme"}],
    "src_endpoint": {"ip": "127.0.0.1"},
    "http_request": {"user_agent": "curl/8", "url": {"path": "/admin/models"}},
    "unmapped": {"stage": "ResponseComplete", "model-version": "2",
      "model-digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}})"));
}

TEST(Ocsf, TellsActivitiesOutcomesAndAlarmsApart) {
  EXPECT_EQ(Mapped({.kind = EventKind::kDataKeyRelease})["activity_id"], 2);
  EXPECT_EQ(Mapped({.kind = EventKind::kQuotaChange})["type_uid"], 600303);
  EXPECT_EQ(Mapped({.kind = EventKind::kKeyRevoke})["activity_id"], 4);
  EXPECT_EQ(Mapped({.kind = EventKind::kAuthRefuse})["activity_id"], 99);
  EXPECT_EQ(Mapped({.kind = EventKind::kAuthRefuse})["severity_id"], 3);
  EXPECT_EQ(Mapped({.kind = EventKind::kAccessDeny, .status = 404})["status_id"], 2);
  EXPECT_EQ(Mapped({.kind = EventKind::kWorkerStart})["status_id"], 0);
}

}  // namespace
}  // namespace bulkhead::audit
