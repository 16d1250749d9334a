/// Request bodies read by simdjson, behind C: a contract compiled once, a parser per thread, one call per body.
///
/// Nothing here throws. Every byte sequence has a defined answer: rows, or the first fault in reading order.
#ifndef CSIMDJSON_H
#define CSIMDJSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Bytes that must be readable after a body (simdjson reads whole registers); their content does not matter, and the first must be
/// writable: it is set aside during the call.
enum { CSIMDJSON_PADDING = 64 };

/// Bytes of an unknown field's name that a fault keeps; a longer name is cut between characters.
enum { CSIMDJSON_ECHO = 64 };

/// Levels of objects and arrays inside an ignored field; deeper ones are refused.
enum { CSIMDJSON_DEPTH = 64 };

/// Bytes of a unit key; a longer one is refused.
enum { CSIMDJSON_UNIT = 256 };

/// What a field holds.
enum { CSIMDJSON_NUMBER = 0, CSIMDJSON_INTEGER, CSIMDJSON_BOOLEAN, CSIMDJSON_STRING };

/// What stands in for a value that is missing: nothing (a fault), NaN or the empty string, the field's default.
enum { CSIMDJSON_REFUSE = 0, CSIMDJSON_ABSENT, CSIMDJSON_DEFAULT };

/// Why a body was refused. The order is that of the Swift enum `ContractFault.Code`.
enum {
    CSIMDJSON_NO_FAULT = 0, CSIMDJSON_EMPTY_BODY, CSIMDJSON_BODY_TOO_LARGE, CSIMDJSON_INVALID_JSON, CSIMDJSON_INVALID_UTF8,
    CSIMDJSON_TOO_DEEP, CSIMDJSON_NOT_AN_OBJECT, CSIMDJSON_MIXED_FORMS, CSIMDJSON_NO_ROWS, CSIMDJSON_TOO_MANY_ROWS,
    CSIMDJSON_DUPLICATE_FIELD, CSIMDJSON_UNKNOWN_FIELD, CSIMDJSON_MISSING_VALUE, CSIMDJSON_WRONG_TYPE, CSIMDJSON_OUT_OF_RANGE,
    CSIMDJSON_NOT_AN_INTEGER, CSIMDJSON_NON_FINITE, CSIMDJSON_VALUE_NOT_ALLOWED, CSIMDJSON_TEXT_TOO_LONG, CSIMDJSON_TEXT_FULL
};

/// What stood where a value was expected. The order is that of the Swift enum `ContractFault.Found`.
enum {
    CSIMDJSON_FOUND_NOTHING = 0, CSIMDJSON_FOUND_NULL, CSIMDJSON_FOUND_NAN, CSIMDJSON_FOUND_NUMBER, CSIMDJSON_FOUND_BOOLEAN,
    CSIMDJSON_FOUND_STRING, CSIMDJSON_FOUND_OBJECT, CSIMDJSON_FOUND_ARRAY, CSIMDJSON_FOUND_GARBAGE
};

/// Bytes owned by the caller.
typedef struct { const uint8_t *bytes; size_t count; } csimdjson_text;

/// One field as the caller describes it; copied by `csimdjson_contract_create`.
typedef struct {
    csimdjson_text name;
    uint8_t kind;
    uint8_t missing;
    double minimum, maximum;       ///< inclusive; infinities for "no bound"
    double default_number;
    csimdjson_text default_text;
    uint32_t max_length;           ///< bytes of a string
    const csimdjson_text *values;  ///< allowed strings
    size_t value_count;            ///< 0: every string is allowed
} csimdjson_field;

/// A compiled contract: immutable, read by any number of threads.
typedef struct csimdjson_contract csimdjson_contract;

/// A parser with its buffers: one thread at a time.
typedef struct csimdjson_parser csimdjson_parser;

/// Compiles a contract that the caller has validated (unique names, at most 4096 fields). NULL when memory is short.
/// `unit.bytes` is NULL for "no field names the unit".
csimdjson_contract *csimdjson_contract_create(const csimdjson_field *fields, size_t count, csimdjson_text unit, bool ignores_extra,
                                              uint32_t max_rows);
void csimdjson_contract_destroy(csimdjson_contract *contract);

/// A parser for bodies up to `max_body` bytes; all its memory is reserved here. NULL when memory is short.
csimdjson_parser *csimdjson_parser_create(size_t max_body);
void csimdjson_parser_destroy(csimdjson_parser *parser);

/// Where rows go: `slots` holds max_rows x fields doubles; decoded strings are appended to `text` after `text_used` bytes.
typedef struct {
    double *slots;
    uint8_t *text;
    uint32_t text_capacity;
    uint32_t text_used;
} csimdjson_target;

/// The answer. Pointers are valid until the parser's next body; `unit` may also point into the target's text.
typedef struct {
    uint8_t fault;         ///< CSIMDJSON_NO_FAULT: `rows` rows were written
    uint8_t found;         ///< what came instead, for faults about a value
    int32_t rows;
    int32_t field;         ///< the contract's index; count = the unit's field, count + 1 = "instances"; -1 = none
    int32_t row;           ///< in the instances form; -1 = none
    double value;          ///< the number that came, for out-of-range and not-an-integer
    int64_t position;      ///< byte offset, for invalid JSON; -1 = unknown
    const uint8_t *name;   ///< the unknown field's name, cut to CSIMDJSON_ECHO bytes
    uint32_t name_count;
    uint32_t unit_count;
    const uint8_t *unit;   ///< NULL when the body names no unit
    bool is_list;          ///< the rows came as "instances"
} csimdjson_decoded;

/// Reads `count` bytes at `body`, with CSIMDJSON_PADDING bytes after them, and leaves all of them as they were. No allocation.
void csimdjson_decode(csimdjson_parser *parser, const csimdjson_contract *contract, uint8_t *body, size_t count,
                      csimdjson_target *target, csimdjson_decoded *decoded);

/// Bytes of an outcome's texts. A longer prediction or name is refused; a longer value is unfit.
enum { CSIMDJSON_PREDICTION = 128, CSIMDJSON_OUTCOME_NAME = 64, CSIMDJSON_OUTCOME_TEXT = 256 };

/// The largest outcome in 1e-6 of its unit, either way: a million of them fit into the sum of an Int64.
#define CSIMDJSON_FIXED_POINT 9000000000000

/// What an outcome's value is. The order is that of the Swift enum `OutcomeValue`.
enum { CSIMDJSON_OUTCOME_IS_NUMBER = 0, CSIMDJSON_OUTCOME_IS_BOOLEAN, CSIMDJSON_OUTCOME_IS_TEXT, CSIMDJSON_OUTCOME_IS_UNFIT };

/// One outcome. `fixed` is the number in 1e-6, rounded half to even from the digits that came; meaningless unless `fits`.
typedef struct {
    csimdjson_text prediction, name, text;
    double number;                 ///< of a number; of a boolean 0 or 1
    int64_t fixed;
    int64_t at;                    ///< ms since 1970, when `has_at`
    uint8_t kind;                  ///< CSIMDJSON_OUTCOME_IS_…
    bool fits, has_at, replaces;
} csimdjson_outcome;

/// A reader of outcomes with its buffers: one thread at a time.
typedef struct csimdjson_outcome_reader csimdjson_outcome_reader;

/// A reader for bodies up to `max_body` bytes with up to `max_items` outcomes; all its memory is reserved here. NULL when memory is short.
csimdjson_outcome_reader *csimdjson_outcome_reader_create(size_t max_body, uint32_t max_items);
void csimdjson_outcome_reader_destroy(csimdjson_outcome_reader *reader);

/// The answer. Pointers are valid until the reader's next body, whatever becomes of the body itself.
typedef struct {
    uint8_t fault;                 ///< CSIMDJSON_NO_FAULT: `count` items were read
    uint8_t found;                 ///< what came instead, for faults about a value
    bool is_list;                  ///< an array or several lines came, or lines were announced
    int32_t key;                   ///< 0 prediction, 1 name, 2 value, 3 at, 4 replace; -1 = none
    int32_t row;                   ///< the item in a list; -1 = none
    int64_t position;              ///< byte offset, for invalid JSON; -1 = unknown
    const csimdjson_outcome *items;
    csimdjson_text name;           ///< the unknown key, cut to CSIMDJSON_ECHO bytes
    uint32_t count;
    uint32_t length;               ///< bytes of a text that is too long
} csimdjson_outcomes;

/// Reads `count` bytes at `body` as `csimdjson_decode` does. `is_lines` says that they are one object a line, even when there is one line.
void csimdjson_read_outcomes(csimdjson_outcome_reader *reader, uint8_t *body, size_t count, bool is_lines, csimdjson_outcomes *outcomes);

/// Writes the shortest decimal text that reads back as the same finite number; returns its bytes, 0 when `capacity` is too small.
size_t csimdjson_write_float(float value, uint8_t *into, size_t capacity);
size_t csimdjson_write_double(double value, uint8_t *into, size_t capacity);

#ifdef __cplusplus
}
#endif
#endif
