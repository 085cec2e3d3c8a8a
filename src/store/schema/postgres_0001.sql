-- SPDX-License-Identifier: Apache-2.0
-- What sqlite_0001.sql says, in PostgreSQL's words. Texts are ordered by their bytes, whatever the
-- database's language.

CREATE TABLE store_state (
  one BIGINT PRIMARY KEY CHECK (one = 1),
  revision BIGINT NOT NULL
);
INSERT INTO store_state VALUES (1, 0);

CREATE TABLE tenants (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL UNIQUE,
  suspended BIGINT NOT NULL,
  frames_per_second BIGINT,
  bytes_per_second BIGINT,
  frames_per_month BIGINT,
  requests_in_flight BIGINT,
  deployments BIGINT,
  burst_seconds BIGINT NOT NULL,
  tiers TEXT COLLATE "C" NOT NULL,
  created_unix_ms BIGINT NOT NULL
);

CREATE TABLE keys (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  tenant TEXT COLLATE "C" NOT NULL REFERENCES tenants ON DELETE CASCADE,
  label TEXT COLLATE "C" NOT NULL,
  secret_hmac BYTEA NOT NULL,
  scopes BIGINT NOT NULL,
  created_unix_ms BIGINT NOT NULL,
  expires_unix_ms BIGINT,
  last_used_unix_ms BIGINT
);
CREATE INDEX keys_by_tenant ON keys (tenant);

-- Outlives the versions of a model, so that none is used again.
CREATE TABLE model_names (
  tenant TEXT COLLATE "C" NOT NULL REFERENCES tenants ON DELETE CASCADE,
  model TEXT COLLATE "C" NOT NULL,
  last_version BIGINT NOT NULL,
  PRIMARY KEY (tenant, model)
);

CREATE TABLE models (
  tenant TEXT COLLATE "C" NOT NULL,
  model TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  sha256 BYTEA NOT NULL,
  bytes BIGINT NOT NULL,
  created_unix_ms BIGINT NOT NULL,
  PRIMARY KEY (tenant, model, version),
  FOREIGN KEY (tenant, model) REFERENCES model_names ON DELETE CASCADE
);

CREATE TABLE deployments (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  tenant TEXT COLLATE "C" NOT NULL REFERENCES tenants ON DELETE CASCADE,
  model TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  profile TEXT COLLATE "C" NOT NULL,
  replicas BIGINT NOT NULL,
  loaded BIGINT NOT NULL,
  created_unix_ms BIGINT NOT NULL,
  UNIQUE (tenant, model),
  FOREIGN KEY (tenant, model, version) REFERENCES models
);

-- Outlives its tenants: what was used is billed after they are gone.
CREATE TABLE usage_totals (
  tenant TEXT COLLATE "C" NOT NULL,
  model TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  hour_unix_ms BIGINT NOT NULL,
  outcome TEXT COLLATE "C" NOT NULL,
  frames BIGINT NOT NULL,
  bytes_in BIGINT NOT NULL,
  compute_us BIGINT NOT NULL,
  PRIMARY KEY (tenant, model, version, hour_unix_ms, outcome)
);
CREATE INDEX usage_totals_by_hour ON usage_totals (hour_unix_ms);

CREATE TABLE usage_cursors (
  ledger_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  position BIGINT NOT NULL
);
