CREATE TABLE kept(
    space TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, used REAL NOT NULL,
    PRIMARY KEY (space, key)
) STRICT, WITHOUT ROWID;
INSERT INTO kept VALUES ('answer', 'a', 'paid for', 1.0);
