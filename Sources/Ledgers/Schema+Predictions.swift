extension Schema {
    // predictions  The sampled log of predictions, in the order of their arrival; nothing else stands on its rows. `key` is the bytes
    //              36..<50 of a prediction id. `unit` is the unit's keyed hash; NULL where the request named none, and it was its own unit.
    //              `assigned` and `served` are variants' names, `reason` is ServedReason's name, `label` is the index of the answered label,
    //              NULL for none. `scores` is one Float32, little-endian, for each output of the model; it may be empty. `answer` is the
    //              row's answer as a JSON object, or the code of the error; `input` is a JSON object of the contract's fields without private
    //              ones, NULL where nothing may be kept. `truncated` is 1 where fields were left out of `input` because it was too long.
    //              `bytes` is what the row takes in the file with its indexes, estimated when it was written.
    // prediction_usage  One row: how many rows `predictions` has and the sum of their `bytes`, kept in the same transactions.
    static let predictions = """
        CREATE TABLE predictions (
            number     INTEGER PRIMARY KEY AUTOINCREMENT,
            key        BLOB NOT NULL UNIQUE CHECK (length(key) = 14),
            route      TEXT NOT NULL,
            at         INTEGER NOT NULL,
            unit       INTEGER,
            assigned   TEXT NOT NULL,
            served     TEXT NOT NULL,
            revision   INTEGER NOT NULL CHECK (revision BETWEEN 0 AND 4294967295),
            reason     TEXT NOT NULL,
            status     INTEGER NOT NULL,
            latency_us INTEGER NOT NULL,
            label      INTEGER,
            scores     BLOB NOT NULL CHECK (length(scores) % 4 = 0),
            answer     TEXT,
            input      TEXT,
            truncated  INTEGER NOT NULL CHECK (truncated IN (0, 1)),
            bytes      INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX predictions_by_time ON predictions (route, at);
        CREATE INDEX predictions_by_unit ON predictions (route, unit) WHERE unit IS NOT NULL;
        CREATE TABLE prediction_usage (
            one   INTEGER PRIMARY KEY CHECK (one = 1),
            rows  INTEGER NOT NULL CHECK (rows >= 0),
            bytes INTEGER NOT NULL CHECK (bytes >= 0)
        ) STRICT;
        INSERT INTO prediction_usage VALUES (1, 0, 0);
        """
}
