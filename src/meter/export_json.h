// SPDX-License-Identifier: Apache-2.0
// Usage events as the JSON that receivers take.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "meter/export.h"

namespace bulkhead::meter {

// CloudEvents 1.0 in a JSON batch, as OpenMeter ingests them (application/cloudevents-batch+json):
// type "bulkhead.frames", source "bulkhead/<ledger>", subject the tenant, time the hour's
// beginning, data with model, version, outcome, frames, billed_frames, bytes_in and compute_us. A
// meter of what is billed is the sum of billed_frames. https://cloudevents.io,
// https://openmeter.io/docs.
std::string CloudEventsBatch(std::span<const UsageEvent> events);

// The body of one POST /api/v1/events/batch of Lago for each 100 events, which Lago takes or
// refuses as a whole: transaction_id, external_subscription_id the tenant, code "bulkhead_frames".
// Events that bill nothing are left out. https://getlago.com/docs/api-reference/events/batch.
std::vector<std::string> LagoBatches(std::span<const UsageEvent> events);

// Stripe's meter event, one to a request, as JSON of its fields (form-encoded it is the body of
// POST /v1/billing/meter_events): event_name "bulkhead_frames", identifier, timestamp, payload with
// value and stripe_customer_id, which is the tenant: the caller puts the customer's id in its place
// where they differ. Events that bill nothing are left out.
// https://docs.stripe.com/api/billing/meter-event.
std::vector<std::string> StripeMeterEvents(std::span<const UsageEvent> events);

enum class ExportFormat { kCloudEvents, kLago, kStripe };

// "cloudevents", "lago", "stripe"; nullopt: any other.
std::optional<ExportFormat> ParseExportFormat(std::string_view name);

// The bodies of the requests that give these events to such a receiver, in their order.
std::vector<std::string> RequestBodies(ExportFormat format, std::span<const UsageEvent> events);

}  // namespace bulkhead::meter
