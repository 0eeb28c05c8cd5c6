INSERT INTO settings_versions VALUES (-1, 1, '{}', NULL, NULL, 'user:5', 1);
INSERT INTO allowances VALUES (-1, 5, 'restrict', 1, 'user:6', 1);
