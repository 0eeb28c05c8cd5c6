-- Being told: what is sent when Telegram refuses a call.

-- The call that takes this one's place when it is refused or too late, as JSON; gone once it is settled.
ALTER TABLE outbox ADD COLUMN instead TEXT CHECK (instead IS NULL OR json_valid(instead));
-- The row that took its place.
ALTER TABLE outbox ADD COLUMN followed_by INTEGER;
