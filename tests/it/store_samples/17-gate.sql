INSERT INTO enforced_channels (channel_id, title, created_at, updated_at) VALUES (-100, 'News', 1, 1);
INSERT INTO channel_members VALUES (-100, 7, 1, 1, 1);
INSERT INTO gate_holds (chat, user, state, held_at) VALUES (-1, 7, 'held', 1);
INSERT INTO gate_prompts VALUES (-1, 1, 1);
