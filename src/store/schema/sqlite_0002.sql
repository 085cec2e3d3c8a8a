-- SPDX-License-Identifier: Apache-2.0
-- What deployments used of their devices, hour by hour. Outlives them: old hours are removed by age.

CREATE TABLE use_hours (
  deployment TEXT NOT NULL,
  hour_unix_ms INTEGER NOT NULL,
  profile TEXT NOT NULL,
  device TEXT NOT NULL,
  writer TEXT NOT NULL,
  gpu_model TEXT NOT NULL,
  engine_active BLOB NOT NULL,
  dram_active BLOB NOT NULL,
  memory_used_max_kib INTEGER NOT NULL,
  frames INTEGER NOT NULL,
  p99_us INTEGER,
  PRIMARY KEY (deployment, hour_unix_ms, profile, device, writer)
) STRICT, WITHOUT ROWID;
CREATE INDEX use_hours_by_hour ON use_hours (hour_unix_ms);
