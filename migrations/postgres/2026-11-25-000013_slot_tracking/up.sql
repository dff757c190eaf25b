-- Whether a slot syncs on a device of which nothing is known: not one that a conflict's second side was moved to.
ALTER TABLE slots ADD COLUMN tracking TEXT NOT NULL DEFAULT 'tracked' CHECK (tracking IN ('tracked', 'untracked'));
