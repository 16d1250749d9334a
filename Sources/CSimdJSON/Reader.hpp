// Reads one body. Every verb returns whether to go on; when it does not, the fault is in `decoded`.
#pragma once

// On-Demand leaves out checks for the end of the tokens unless asked: without them an unbalanced body could be read past its end.
#define SIMDJSON_CHECK_EOF 1
// The extra bookkeeping of debug builds changes the layout of the parser; one layout for all builds.
#define SIMDJSON_DEVELOPMENT_CHECKS 0
#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include "Contract.hpp"

struct csimdjson_parser {
    simdjson::ondemand::parser json;
    size_t max_body = 0;
    uint8_t name[CSIMDJSON_ECHO];
    uint8_t unit[64];  // integer units as text: beside "instances" in the first half, in a row in the second
};

namespace weir {

namespace ondemand = simdjson::ondemand;

/// More entries than a contract can have (4096 fields, the unit, "instances"), in 64-bit words.
constexpr uint32_t max_words = 65;

/// The largest integer up to which every integer is a double.
constexpr int64_t exact_integer = int64_t(1) << 53;

/// One object being read: where its numbers go and which entries it has shown.
struct Row {
    double *slots;
    int32_t index;          ///< -1 outside the instances form and at top level
    bool top;
    bool aside = false;     ///< "instances" was read: what else is here goes to no row
    uint32_t expected = 0;  ///< the entry that follows the last one: nearly always the next key
    uint32_t features = 0;  ///< features shown
    uint64_t seen[max_words];

    Row(const csimdjson_contract &contract, double *slots, int32_t index, bool top) noexcept : slots(slots), index(index), top(top) {
        for (uint32_t word = 0; word < contract.words; word++) { seen[word] = 0; }
    }

    bool has(uint32_t entry) const noexcept { return (seen[entry >> 6] >> (entry & 63)) & 1; }

    /// Marks the entry; false when it was marked before.
    bool mark(uint32_t entry) noexcept {
        const uint64_t bit = uint64_t(1) << (entry & 63);
        if (seen[entry >> 6] & bit) { return false; }
        seen[entry >> 6] |= bit;
        return true;
    }
};

class Reader {
  public:
    Reader(csimdjson_parser &parser, const csimdjson_contract &contract, const uint8_t *body, size_t count, csimdjson_target &target,
           csimdjson_decoded &decoded) noexcept
        : parser_(parser), contract_(contract), body_(body), count_(count), target_(target), decoded_(decoded) {}

    bool read() noexcept;

  private:
    // Entries that are no field of the contract.
    static constexpr int32_t extra = -1, broken = -2;

    // Reader.cpp: the walk
    bool read_fields(ondemand::object &object, Row &row) noexcept;
    bool read_entry(ondemand::value &value, uint32_t entry, Row &row) noexcept;
    int32_t identify(ondemand::field &field, Row &row) noexcept;
    int32_t look_up(ondemand::field &field, Row &row) noexcept;
    bool read_instances(ondemand::value value, Row &top) noexcept;
    bool read_rows(ondemand::array &array) noexcept;
    bool read_row(ondemand::value value) noexcept;
    bool complete(Row &row) noexcept;
    bool end_of(ondemand::document &document) noexcept;

    // Reader.cpp: values as they nearly always come
    bool read_feature(ondemand::value &value, uint32_t entry, const Row &row) noexcept;
    bool read_number(ondemand::value &value, uint32_t entry, const Row &row) noexcept;
    bool read_integer(ondemand::value &value, uint32_t entry, const Row &row) noexcept;
    bool read_boolean(ondemand::value &value, uint32_t entry, const Row &row) noexcept;
    bool read_string(ondemand::value &value, uint32_t entry, const Row &row) noexcept;
    bool take_number(double number, uint32_t entry, const Row &row) noexcept;

    // OddValues.cpp: everything else
    bool read_odd(std::string_view token, uint32_t entry, const Row &row) noexcept;
    bool read_odd_number(std::string_view token, uint32_t entry, const Row &row) noexcept;
    bool fill_missing(uint32_t entry, const Row &row, uint8_t found) noexcept;
    bool append_text(std::string_view text, uint32_t entry, const Row &row) noexcept;
    bool read_unit(ondemand::value &value, uint32_t entry, const Row &row) noexcept;
    bool read_unit_number(std::string_view token, uint32_t entry, const Row &row) noexcept;
    bool take_unit_of(uint32_t entry, const Row &row) noexcept;
    bool take_unit(std::string_view text, uint32_t entry, const Row &row) noexcept;
    bool skip(ondemand::value value, int depth) noexcept;
    bool skip_object(ondemand::object &object, int depth) noexcept;
    bool skip_array(ondemand::array &array, int depth) noexcept;

    // OddValues.cpp: faults; each returns false
    bool refuse(uint8_t fault, uint32_t entry, const Row &row, uint8_t found = 0, double value = 0) noexcept;
    bool refuse_body(uint8_t fault) noexcept;
    bool refuse_at(const uint8_t *byte) noexcept;
    bool refuse_error(simdjson::error_code error) noexcept;
    bool refuse_name(std::string_view name, const Row &row) noexcept;

    /// Where the entry's number goes.
    double *slot_of(uint32_t entry, const Row &row) noexcept { return simdjson_unlikely(row.aside) ? &scratch_ : row.slots + entry; }

    const uint8_t *end() const noexcept { return body_ + count_ + CSIMDJSON_PADDING; }

    csimdjson_parser &parser_;
    const csimdjson_contract &contract_;
    const uint8_t *body_;
    size_t count_;
    csimdjson_target &target_;
    csimdjson_decoded &decoded_;
    uint32_t rows_ = 0;
    bool has_instances_ = false;
    bool was_missing_ = false;  ///< the last feature read had no value of its own
    double scratch_ = 0;        ///< where a unit that is also a feature goes, beside "instances"
};

// Tokens.cpp
std::string_view trimmed(std::string_view token) noexcept;
uint8_t kind_of(std::string_view token) noexcept;
bool is_number(std::string_view token) noexcept;
double number_of(std::string_view token) noexcept;

}  // namespace weir
