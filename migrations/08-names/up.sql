-- Commands name people by @name; names are compared without regard to case.
CREATE INDEX users_username ON users (lower(username)) WHERE username IS NOT NULL;
