extension Schema {
    // tokens  `rate` is requests a second, `burst` requests at once; NULL for tokens without a limit. `rate_mode` is TokenRate.Mode.
    // faults  Faults for practice. `kind` is FaultKind's name, `delay_ms` a delay's time. `ended` is set when somebody ends one before `ends`;
    //         an hour is the most that any lasts.
    // held    Variants that crashed the process and take no traffic until `released`. `verdict` may be written anew while one is held.
    static let protection = """
        ALTER TABLE tokens ADD COLUMN rate REAL CHECK (rate > 0);
        ALTER TABLE tokens ADD COLUMN burst INTEGER CHECK (burst > 0);
        ALTER TABLE tokens ADD COLUMN rate_mode TEXT CHECK (rate_mode IN ('enforce', 'observe'));
        CREATE TABLE faults (
            id       INTEGER PRIMARY KEY,
            route    TEXT NOT NULL,
            variant  TEXT NOT NULL,
            kind     TEXT NOT NULL CHECK (kind IN ('delay', 'abort', 'non-finite', 'crash')),
            delay_ms INTEGER CHECK ((delay_ms IS NOT NULL) = (kind = 'delay')),
            percent  REAL NOT NULL CHECK (percent > 0 AND percent <= 100),
            created  INTEGER NOT NULL,
            ends     INTEGER NOT NULL CHECK (ends > created AND ends <= created + 3600000),
            author   TEXT NOT NULL,
            reason   TEXT NOT NULL,
            ended    INTEGER,
            audit    INTEGER NOT NULL UNIQUE REFERENCES audit (number)
        ) STRICT;
        CREATE INDEX faults_by_end ON faults (ends);
        CREATE TABLE held (
            id          INTEGER PRIMARY KEY,
            route       TEXT NOT NULL,
            variant     TEXT NOT NULL,
            sha256      TEXT NOT NULL CHECK (length(sha256) = 64),
            signal      INTEGER NOT NULL CHECK (signal >= 0),
            since       INTEGER NOT NULL,
            verdict     TEXT NOT NULL,
            released    INTEGER,
            released_by TEXT CHECK ((released_by IS NULL) = (released IS NULL)),
            audit       INTEGER NOT NULL UNIQUE REFERENCES audit (number)
        ) STRICT;
        CREATE UNIQUE INDEX held_once ON held (route, variant, sha256) WHERE released IS NULL;
        """
}
