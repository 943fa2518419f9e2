-- backup/backup.sh and backup/drill.sh write a row when they have succeeded; the worker exports the newest of each
-- kind as shop_backup_last_success_timestamp_seconds, and an alert watches its age.
CREATE TABLE backup_runs (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind        text NOT NULL CHECK (kind IN ('dump', 'drill')),
  object_key  text NOT NULL,
  bytes       bigint NOT NULL,
  finished_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX backup_runs_newest ON backup_runs (kind, finished_at DESC);
