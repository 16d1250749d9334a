// Reads one body of outcomes. Every verb returns whether to go on; when it does not, the fault is in the answer.
#pragma once

#include <memory>

#include "Reader.hpp"

struct csimdjson_outcome_reader {
    simdjson::ondemand::parser json;
    size_t max_body = 0;
    uint32_t max_items = 0;
    // Not initialized: pages that no body needs are never touched.
    std::unique_ptr<csimdjson_outcome[]> items;  ///< room for max_items
    std::unique_ptr<uint8_t[]> texts;            ///< decoded strings: simdjson's own buffer begins anew with each line
    uint8_t name[CSIMDJSON_ECHO];
};

namespace weir {

class OutcomeReader {
  public:
    OutcomeReader(csimdjson_outcome_reader &memory, uint8_t *body, size_t count, csimdjson_outcomes &answer) noexcept
        : memory_(memory), body_(body), count_(count), answer_(answer) {}

    bool read(bool is_lines) noexcept;

  private:
    enum Key : int32_t { prediction = 0, name, value, at, replace, none = -1 };

    // Outcomes.cpp: the walk
    bool read_lines() noexcept;
    bool read_line(uint8_t *line, size_t count) noexcept;
    bool read_document(uint8_t *text, size_t count) noexcept;
    bool read_array(ondemand::document &document) noexcept;
    bool read_item(ondemand::object &object) noexcept;
    bool end_of(ondemand::document &document) noexcept;
    bool is_several_lines() const noexcept;
    Key identify(ondemand::field &field) noexcept;

    // OutcomeValues.cpp: the values of an item
    bool read_key(ondemand::value &from, Key key, csimdjson_outcome &item) noexcept;
    bool read_text(ondemand::value &from, Key key, size_t limit, csimdjson_text &into) noexcept;
    bool read_value(ondemand::value &from, csimdjson_outcome &item) noexcept;
    bool read_at(ondemand::value &from, csimdjson_outcome &item) noexcept;
    bool read_replace(ondemand::value &from, csimdjson_outcome &item) noexcept;
    csimdjson_text keep(std::string_view text) noexcept;

    // OutcomeValues.cpp: faults; each returns false
    bool refuse(uint8_t fault, Key key = none, uint8_t found = 0) noexcept;
    bool refuse_at(const char *byte) noexcept;
    bool refuse_error(simdjson::error_code error) noexcept;
    bool refuse_name(std::string_view name) noexcept;

    csimdjson_outcome_reader &memory_;
    uint8_t *body_;
    size_t count_;
    csimdjson_outcomes &answer_;
    size_t text_used_ = 0;
    int32_t row_ = -1;  ///< the item being read, when they come as a list
};

// FixedPoint.cpp
bool fixed_point_of(std::string_view number, int64_t &fixed) noexcept;

// Timestamps.cpp
bool timestamp_of(std::string_view text, int64_t &milliseconds) noexcept;
constexpr int64_t first_timestamp = -62167219200000;  // 0000-01-01T00:00:00Z
constexpr int64_t last_timestamp = 253402300799999;   // 9999-12-31T23:59:59.999Z

}  // namespace weir
