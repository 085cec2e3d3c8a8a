-- SPDX-License-Identifier: Apache-2.0
-- Unsigned 64-bit numbers are kept as the signed number with the same bits. postgres_0001.sql says
-- the same in PostgreSQL's words.

CREATE TABLE store_state (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  revision INTEGER NOT NULL
) STRICT;
INSERT INTO store_state VALUES (1, 0);

CREATE TABLE tenants (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  suspended INTEGER NOT NULL,
  frames_per_second INTEGER,
  bytes_per_second INTEGER,
  frames_per_month INTEGER,
  requests_in_flight INTEGER,
  deployments INTEGER,
  burst_seconds INTEGER NOT NULL,
  tiers TEXT NOT NULL,
  created_unix_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE keys (
  id TEXT NOT NULL PRIMARY KEY,
  tenant TEXT NOT NULL REFERENCES tenants ON DELETE CASCADE,
  label TEXT NOT NULL,
  secret_hmac BLOB NOT NULL,
  scopes INTEGER NOT NULL,
  created_unix_ms INTEGER NOT NULL,
  expires_unix_ms INTEGER,
  last_used_unix_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX keys_by_tenant ON keys (tenant);

-- Outlives the versions of a model, so that none is used again.
CREATE TABLE model_names (
  tenant TEXT NOT NULL REFERENCES tenants ON DELETE CASCADE,
  model TEXT NOT NULL,
  last_version INTEGER NOT NULL,
  PRIMARY KEY (tenant, model)
) STRICT, WITHOUT ROWID;

CREATE TABLE models (
  tenant TEXT NOT NULL,
  model TEXT NOT NULL,
  version INTEGER NOT NULL,
  sha256 BLOB NOT NULL,
  bytes INTEGER NOT NULL,
  created_unix_ms INTEGER NOT NULL,
  PRIMARY KEY (tenant, model, version),
  FOREIGN KEY (tenant, model) REFERENCES model_names ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE deployments (
  id TEXT NOT NULL PRIMARY KEY,
  tenant TEXT NOT NULL REFERENCES tenants ON DELETE CASCADE,
  model TEXT NOT NULL,
  version INTEGER NOT NULL,
  profile TEXT NOT NULL,
  replicas INTEGER NOT NULL,
  loaded INTEGER NOT NULL,
  created_unix_ms INTEGER NOT NULL,
  UNIQUE (tenant, model),
  FOREIGN KEY (tenant, model, version) REFERENCES models
) STRICT, WITHOUT ROWID;

-- Outlives its tenants: what was used is billed after they are gone.
CREATE TABLE usage_totals (
  tenant TEXT NOT NULL,
  model TEXT NOT NULL,
  version INTEGER NOT NULL,
  hour_unix_ms INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  frames INTEGER NOT NULL,
  bytes_in INTEGER NOT NULL,
  compute_us INTEGER NOT NULL,
  PRIMARY KEY (tenant, model, version, hour_unix_ms, outcome)
) STRICT, WITHOUT ROWID;
CREATE INDEX usage_totals_by_hour ON usage_totals (hour_unix_ms);

CREATE TABLE usage_cursors (
  ledger_id TEXT NOT NULL PRIMARY KEY,
  position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
