INSERT INTO quiet_hours VALUES (7, '23:00-07:00', 'Europe/Berlin', 1);
