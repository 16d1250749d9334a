extension Schema {
    // shadows          What the route files list as shadows now, written anew whenever one changes; no history, and no audit: it is the file's.
    //                  `follow` is JSON, a list of names, empty where the shadow follows every variant. `place` is its place in the file.
    // shadow_examples  Predictions on which a shadow differed most from its primary, `variant`: a few for each shadow and model, nothing else
    //                  stands on them. `key` and `unit` are those of `predictions`. `divergence` says how much they differ. `answer` is the
    //                  primary's and `shadow_answer` the shadow's, JSON or the code of an error; `input` is a JSON object of the contract's
    //                  fields without private ones, NULL where nothing may be kept or it was too long.
    static let shadows = """
        CREATE TABLE shadows (
            route         TEXT NOT NULL,
            name          TEXT NOT NULL,
            sha256        TEXT NOT NULL CHECK (length(sha256) = 64),
            percent       REAL NOT NULL CHECK (percent BETWEEN 0 AND 100),
            follow        TEXT NOT NULL,
            limit_percent REAL NOT NULL CHECK (limit_percent BETWEEN 0 AND 100),
            tolerance     REAL NOT NULL CHECK (tolerance > 0),
            place         INTEGER NOT NULL CHECK (place >= 0),
            PRIMARY KEY (route, name)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE shadow_examples (
            number        INTEGER PRIMARY KEY AUTOINCREMENT,
            route         TEXT NOT NULL,
            shadow        TEXT NOT NULL,
            sha256        TEXT NOT NULL CHECK (length(sha256) = 64),
            variant       TEXT NOT NULL,
            revision      INTEGER NOT NULL CHECK (revision BETWEEN 0 AND 4294967295),
            key           BLOB NOT NULL CHECK (length(key) = 14),
            unit          INTEGER,
            at            INTEGER NOT NULL,
            divergence    REAL NOT NULL CHECK (divergence >= 0),
            answer        TEXT NOT NULL,
            shadow_answer TEXT NOT NULL,
            input         TEXT,
            UNIQUE (route, shadow, key)
        ) STRICT;
        CREATE INDEX shadow_examples_by_divergence ON shadow_examples (route, shadow, sha256, divergence DESC);
        CREATE INDEX shadow_examples_by_unit ON shadow_examples (route, unit) WHERE unit IS NOT NULL;
        """
}
