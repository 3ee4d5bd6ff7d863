-- What a night came to, who was told, and how fresh the views are.
SET LOCAL ROLE daybreak_owner;

CREATE TABLE daybreak.night_summaries (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL,
  run_id uuid NOT NULL,
  night date NOT NULL,
  window_start timestamptz NOT NULL,
  window_end timestamptz NOT NULL,
  -- The report's first sentence, made by code.
  verdict text NOT NULL,
  -- NULL: nothing happened.
  severity text CHECK (severity IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL')),
  -- Whether every source was read to its end.
  is_complete boolean NOT NULL,
  -- Whole numbers by name: lines, errors, incidents, new_clusters, …
  counts jsonb NOT NULL CHECK (jsonb_typeof(counts) = 'object'),
  -- The verdict in parts, as the renderer writes it: what index pages draw their cells from.
  detail jsonb NOT NULL CHECK (jsonb_typeof(detail) = 'object'),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, night),
  FOREIGN KEY (tenant_id, run_id) REFERENCES daybreak.runs (tenant_id, id) ON DELETE CASCADE,
  CHECK (window_start < window_end)
);
COMMENT ON TABLE daybreak.night_summaries IS
  'One row a tenant and night: what index and tenant pages show, so that they are updated day by day.';

-- A message's bytes are fixed when it is written, so that every attempt sends the same mail.
CREATE TABLE daybreak.notifications (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL,
  run_id uuid NOT NULL,
  channel text NOT NULL CHECK (channel <> ''),
  state text NOT NULL CHECK (state IN ('pending', 'sending', 'sent', 'failed')),
  -- The stable Message-ID: a mail that is sent again is the same mail.
  message_id text NOT NULL,
  -- The envelope: its sender, and the recipients that are still to be served.
  sender text NOT NULL,
  recipients text[] NOT NULL,
  content bytea NOT NULL,
  attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  -- Before when nobody else may claim it: the next attempt, or the end of the lease of whoever
  -- sends it. NULL: at once.
  due_at timestamptz,
  -- When it was sent or given up; NULL before.
  settled_at timestamptz,
  -- What went wrong last, or who was refused.
  note text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, run_id, channel),
  FOREIGN KEY (tenant_id, run_id) REFERENCES daybreak.runs (tenant_id, id) ON DELETE CASCADE,
  CHECK ((state IN ('sent', 'failed')) = (settled_at IS NOT NULL)),
  CHECK (state <> 'sending' OR due_at IS NOT NULL)
);
COMMENT ON TABLE daybreak.notifications IS 'The outbox: one row a run and channel.';
CREATE INDEX notifications_open_idx ON daybreak.notifications (tenant_id, state)
  WHERE state IN ('pending', 'sending');

-- A row a tenant, though a refresh serves all: no tenant learns when another's run was.
CREATE TABLE daybreak.matview_freshness (
  tenant_id uuid NOT NULL REFERENCES daybreak.tenants (id) ON DELETE CASCADE,
  view_name text NOT NULL
    CHECK (view_name IN ('service_hourly', 'cluster_trend', 'tenant_dashboard')),
  -- By the clock of the run that asked for it.
  refreshed_at timestamptz NOT NULL,
  duration_milliseconds bigint NOT NULL CHECK (duration_milliseconds >= 0),
  -- Rows of this tenant.
  row_count bigint NOT NULL CHECK (row_count >= 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, view_name)
);
COMMENT ON TABLE daybreak.matview_freshness IS 'When each materialized view was last refreshed.';

SELECT daybreak.protect_table('daybreak.night_summaries');
SELECT daybreak.protect_table('daybreak.notifications');
SELECT daybreak.protect_table('daybreak.matview_freshness');

RESET ROLE;
