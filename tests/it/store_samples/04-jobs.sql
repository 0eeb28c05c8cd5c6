-- Rows of every table as it was after this migration.
INSERT INTO jobs (kind, key, priority, payload, state, rank, run_at, max_attempts, created_at)
    VALUES ('ground.expire', 'k', 3, '{}', 1, 1, 1, 8, 1);
INSERT INTO schedules (name, kind, payload, priority, max_attempts, cron, zone, misfire, next_at, created_at, updated_at)
    VALUES ('ground.expire', 'ground.expire', '{}', 3, 8, '* * * * *', 'UTC', 'once', 1, 1, 1);
