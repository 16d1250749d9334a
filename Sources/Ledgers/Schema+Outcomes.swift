extension Schema {
    // declarations  What a route says about its outcomes: `outcomes` is JSON, a list of OutcomeRule. An outcome refers to the declaration that
    //               was in force at its prediction. Slices before `merged_before` are merged (OutcomeDeclaration).
    // outcomes      Every outcome that was acknowledged, in the order of arrival; numbers are never used again. `prediction` is the 14 bytes
    //               of the id that name it: nonce (8, little-endian), reactor (1), sequence (5, little-endian). `prediction`, `unit`, `truth`
    //               and `truth_index` are NULL after erasure; `unit` also where the prediction was its own. `value` is as sent, `counted` what
    //               counts of it, NULL where it is the same; `log_loss` and `brier` follow when a label is folded whose scores are stored.
    //               All four in millionths. `state` is OutcomeState, `label` the index of the answered label, `bucket` the unit's.
    // outcome_sums  Exact sums (BucketSums) of the rows up to the cursor. `late`, `uncounted`, `overridden` are numbers of rows in no sum.
    // exposure_sums Predictions by bucket, 256 words (SparseWords).
    // cells         Counters of finished blocks, added up (SparseWords). `shape` is a hash of 64 bits, kept as a signed number.
    // folds         Which blocks of which worker are in exposure_sums and cells, and through which slice.
    // meta          `outcomes-folded`: number of the last outcome in the sums. `outcomes-as-of`: the moment the sums are complete for.
    //               `outcomes-pruned`: number of the last outcome that was deleted.
    //
    // The index that makes an outcome unique holds the bytes of its prediction in another order: the high ones of the sequence first. What
    // is predicted at one time and turns out at one time then lies together, and a group of a thousand changes some pages, not a thousand.
    static let outcomesAndSums = """
        CREATE TABLE declarations (
            route         TEXT NOT NULL,
            number        INTEGER NOT NULL CHECK (number BETWEEN 1 AND 4294967295),
            at            INTEGER NOT NULL,
            slice_ms      INTEGER NOT NULL CHECK (slice_ms > 0),
            outcomes      TEXT NOT NULL,
            merged_before INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (route, number)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE outcomes (
            number       INTEGER PRIMARY KEY AUTOINCREMENT,
            route        TEXT NOT NULL,
            name         TEXT NOT NULL,
            prediction   BLOB CHECK (length(prediction) = 14),
            unit         INTEGER,
            assigned     TEXT NOT NULL,
            served       TEXT NOT NULL,
            revision     INTEGER NOT NULL,
            reason       TEXT NOT NULL,
            label        INTEGER,
            predicted_at INTEGER NOT NULL,
            received_at  INTEGER NOT NULL,
            at           INTEGER,
            bucket       INTEGER NOT NULL CHECK (bucket BETWEEN 0 AND 255),
            declaration  INTEGER NOT NULL,
            state        INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3),
            value        INTEGER NOT NULL,
            counted      INTEGER,
            truth        TEXT,
            truth_index  INTEGER,
            log_loss     INTEGER,
            brier        INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX outcomes_once ON outcomes (
            substr(prediction, 1, 9), substr(prediction, 14, 1), substr(prediction, 13, 1), substr(prediction, 12, 1),
            substr(prediction, 11, 1), substr(prediction, 10, 1), name);
        CREATE TABLE outcome_sums (
            route       TEXT NOT NULL,
            outcome     TEXT NOT NULL,
            variant     TEXT NOT NULL,
            revision    INTEGER NOT NULL,
            declaration INTEGER NOT NULL,
            slice       INTEGER NOT NULL,
            late        INTEGER NOT NULL,
            uncounted   INTEGER NOT NULL,
            overridden  INTEGER NOT NULL,
            sums        BLOB NOT NULL,
            PRIMARY KEY (route, outcome, variant, revision, declaration, slice)
        ) STRICT;
        CREATE TABLE exposure_sums (
            route       TEXT NOT NULL,
            variant     TEXT NOT NULL,
            revision    INTEGER NOT NULL,
            declaration INTEGER NOT NULL,
            slice       INTEGER NOT NULL,
            counts      BLOB NOT NULL,
            PRIMARY KEY (route, variant, revision, declaration, slice)
        ) STRICT;
        CREATE TABLE cells (
            kind     INTEGER NOT NULL,
            route    TEXT NOT NULL,
            variant  TEXT NOT NULL,
            revision INTEGER NOT NULL,
            shape    INTEGER NOT NULL,
            layout   INTEGER NOT NULL,
            words    BLOB NOT NULL,
            PRIMARY KEY (kind, route, variant, revision, shape, layout)
        ) STRICT;
        CREATE TABLE folds (
            worker  INTEGER NOT NULL,
            reactor INTEGER NOT NULL,
            serial  INTEGER NOT NULL,
            through INTEGER NOT NULL,
            PRIMARY KEY (worker, reactor, serial)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE meta (
            name  TEXT PRIMARY KEY,
            value INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
