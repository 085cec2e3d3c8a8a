-- SPDX-License-Identifier: Apache-2.0
-- What sqlite_0002.sql says, in PostgreSQL's words.

CREATE TABLE use_hours (
  deployment TEXT COLLATE "C" NOT NULL,
  hour_unix_ms BIGINT NOT NULL,
  profile TEXT COLLATE "C" NOT NULL,
  device TEXT COLLATE "C" NOT NULL,
  writer TEXT COLLATE "C" NOT NULL,
  gpu_model TEXT COLLATE "C" NOT NULL,
  engine_active BYTEA NOT NULL,
  dram_active BYTEA NOT NULL,
  memory_used_max_kib BIGINT NOT NULL,
  frames BIGINT NOT NULL,
  p99_us BIGINT,
  PRIMARY KEY (deployment, hour_unix_ms, profile, device, writer)
);
CREATE INDEX use_hours_by_hour ON use_hours (hour_unix_ms);
