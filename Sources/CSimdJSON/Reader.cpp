// The walk over a body, and values as they nearly always come.
#include "Reader.hpp"

#include <new>

namespace weir {

using simdjson::error_code;

/// Longer numbers are read by `number_of`: the On-Demand reader of simdjson 3.0.1 gives wrong doubles for a leading zero with more
/// than 19 digits (0.1234567890123456789012345 becomes 1.096e-07).
constexpr size_t longest_quick_number = 20;

bool Reader::read() noexcept {
    if (count_ == 0) { return refuse_body(CSIMDJSON_EMPTY_BODY); }
    if (count_ > parser_.max_body) { return refuse_body(CSIMDJSON_BODY_TOO_LARGE); }
    ondemand::document document;
    if (error_code error = parser_.json.iterate(body_, count_, count_ + CSIMDJSON_PADDING).get(document)) { return refuse_error(error); }
    ondemand::object object;
    if (error_code error = document.get_object().get(object)) {
        return error == simdjson::INCORRECT_TYPE ? refuse_body(CSIMDJSON_NOT_AN_OBJECT) : refuse_error(error);
    }
    Row top(contract_, target_.slots, -1, true);
    if (!read_fields(object, top) || !end_of(document)) { return false; }
    if (has_instances_) {
        decoded_.rows = int32_t(rows_);
        decoded_.is_list = true;
        return true;
    }
    decoded_.rows = 1;
    return complete(top);
}

/// Nothing but white space may follow the object.
bool Reader::end_of(ondemand::document &document) noexcept {
    const char *rest;
    if (document.current_location().get(rest) == simdjson::OUT_OF_BOUNDS) { return true; }
    return refuse_at(reinterpret_cast<const uint8_t *>(rest));
}

bool Reader::read_fields(ondemand::object &object, Row &row) noexcept {
    ondemand::object_iterator fields, last;
    if (error_code error = object.begin().get(fields)) { return refuse_error(error); }
    if (error_code error = object.end().get(last)) { return refuse_error(error); }
    for (; fields != last; ++fields) {
        ondemand::field field;
        if (error_code error = (*fields).get(field)) { return refuse_error(error); }
        const int32_t entry = identify(field, row);
        if (simdjson_unlikely(entry < 0)) {
            if (entry == broken || !skip(field.value(), 1)) { return false; }
        } else if (simdjson_unlikely(!read_entry(field.value(), uint32_t(entry), row))) {
            return false;
        }
    }
    return true;
}

/// The entry that a key names, `extra` for one that may be ignored, `broken` after a fault.
simdjson_inline int32_t Reader::identify(ondemand::field &field, Row &row) noexcept {
    const uint8_t *raw = reinterpret_cast<const uint8_t *>(field.key().raw());
    const uint32_t expected = row.expected;
    if (simdjson_likely(contract_.entries[expected].matches(raw, end()))) {
        if (expected < contract_.features) {
            row.expected = expected + 1;
            return int32_t(expected);
        }
    }
    return look_up(field, row);
}

int32_t Reader::look_up(ondemand::field &field, Row &row) noexcept {
    const char *raw = field.key().raw();  // before unescaped_key, which uses the key up
    std::string_view name;
    if (field.unescaped_key().get(name)) {
        refuse_at(reinterpret_cast<const uint8_t *>(raw));
        return broken;
    }
    const uint32_t entry = contract_.names.find(name);
    const bool known = entry != TextIndex::absent && (row.top || entry != contract_.instances);
    if (known) {
        row.expected = entry < contract_.features ? entry + 1 : row.expected;
        return int32_t(entry);
    }
    if (contract_.ignores_extra) { return extra; }
    refuse_name(name, row);
    return broken;
}

simdjson_inline bool Reader::read_entry(ondemand::value &value, uint32_t entry, Row &row) noexcept {
    if (simdjson_unlikely(!row.mark(entry))) { return refuse(CSIMDJSON_DUPLICATE_FIELD, entry, row); }
    if (simdjson_likely(entry < contract_.features)) {
        if (simdjson_unlikely(row.aside && entry != contract_.unit)) {
            return refuse(CSIMDJSON_MIXED_FORMS, entry, row);
        }
        row.features++;
        if (!read_feature(value, entry, row)) { return false; }
        return entry != contract_.unit || take_unit_of(entry, row);
    }
    return entry == contract_.unit ? read_unit(value, entry, row) : read_instances(value, row);
}

bool Reader::read_instances(ondemand::value value, Row &top) noexcept {
    const bool only_unit = contract_.unit < contract_.features && top.has(contract_.unit);
    if (top.features > uint32_t(only_unit)) { return refuse(CSIMDJSON_MIXED_FORMS, contract_.instances, top); }
    has_instances_ = true;
    top.aside = true;
    ondemand::array array;
    if (value.get_array().get(array)) {
        const std::string_view token = trimmed(value.raw_json_token());
        const uint8_t found = kind_of(token);
        if (found == CSIMDJSON_FOUND_GARBAGE) { return refuse_at(reinterpret_cast<const uint8_t *>(token.data())); }
        if (found == CSIMDJSON_FOUND_ARRAY) { return refuse_body(CSIMDJSON_INVALID_JSON); }
        return refuse(CSIMDJSON_WRONG_TYPE, contract_.instances, top, found);
    }
    if (!read_rows(array)) { return false; }
    return rows_ > 0 || refuse(CSIMDJSON_NO_ROWS, contract_.instances, top);
}

bool Reader::read_rows(ondemand::array &array) noexcept {
    ondemand::array_iterator rows, last;
    if (error_code error = array.begin().get(rows)) { return refuse_error(error); }
    if (error_code error = array.end().get(last)) { return refuse_error(error); }
    for (; rows != last; ++rows) {
        ondemand::value value;
        if (error_code error = (*rows).get(value)) { return refuse_error(error); }
        if (!read_row(value)) { return false; }
    }
    return true;
}

bool Reader::read_row(ondemand::value value) noexcept {
    if (rows_ == contract_.max_rows) { return refuse_body(CSIMDJSON_TOO_MANY_ROWS); }
    Row row(contract_, target_.slots + size_t(rows_) * contract_.features, int32_t(rows_), false);
    ondemand::object object;
    if (value.get_object().get(object)) {
        const std::string_view token = trimmed(value.raw_json_token());
        if (kind_of(token) == CSIMDJSON_FOUND_GARBAGE) { return refuse_at(reinterpret_cast<const uint8_t *>(token.data())); }
        refuse_body(CSIMDJSON_NOT_AN_OBJECT);
        decoded_.row = row.index;
        return false;
    }
    rows_++;
    return read_fields(object, row) && complete(row);
}

/// Gives every feature that the object did not show what its rule says.
bool Reader::complete(Row &row) noexcept {
    if (simdjson_likely(row.features == contract_.features)) { return true; }
    for (uint32_t entry = 0; entry < contract_.features; entry++) {
        if (!row.has(entry) && !fill_missing(entry, row, CSIMDJSON_FOUND_NOTHING)) { return false; }
    }
    return true;
}

simdjson_inline bool Reader::read_feature(ondemand::value &value, uint32_t entry, const Row &row) noexcept {
    was_missing_ = false;
    switch (contract_.entries[entry].kind) {
        case CSIMDJSON_NUMBER: return read_number(value, entry, row);
        case CSIMDJSON_INTEGER: return read_integer(value, entry, row);
        case CSIMDJSON_BOOLEAN: return read_boolean(value, entry, row);
        default: return read_string(value, entry, row);
    }
}

simdjson_inline bool Reader::read_number(ondemand::value &value, uint32_t entry, const Row &row) noexcept {
    const std::string_view token = value.raw_json_token();
    double number;
    if (simdjson_likely(token.size() <= longest_quick_number && value.get_double().get(number) == simdjson::SUCCESS)) {
        return take_number(number, entry, row);
    }
    return read_odd(trimmed(token), entry, row);
}

bool Reader::read_integer(ondemand::value &value, uint32_t entry, const Row &row) noexcept {
    int64_t integer;
    if (simdjson_likely(value.get_int64().get(integer) == simdjson::SUCCESS)) {
        if (simdjson_likely(integer >= -exact_integer && integer <= exact_integer)) { return take_number(double(integer), entry, row); }
        return refuse(CSIMDJSON_OUT_OF_RANGE, entry, row, CSIMDJSON_FOUND_NUMBER, double(integer));
    }
    return read_odd(trimmed(value.raw_json_token()), entry, row);
}

simdjson_inline bool Reader::take_number(double number, uint32_t entry, const Row &row) noexcept {
    const Field &field = contract_.entries[entry];
    if (simdjson_unlikely(!(number >= field.minimum && number <= field.maximum))) {
        return refuse(CSIMDJSON_OUT_OF_RANGE, entry, row, CSIMDJSON_FOUND_NUMBER, number);
    }
    *slot_of(entry, row) = number;
    return true;
}

bool Reader::read_boolean(ondemand::value &value, uint32_t entry, const Row &row) noexcept {
    bool flag;
    if (simdjson_likely(value.get_bool().get(flag) == simdjson::SUCCESS)) {
        row.slots[entry] = flag ? 1 : 0;
        return true;
    }
    return read_odd(trimmed(value.raw_json_token()), entry, row);
}

bool Reader::read_string(ondemand::value &value, uint32_t entry, const Row &row) noexcept {
    const std::string_view token = value.raw_json_token();
    if (simdjson_unlikely(token.front() != '"')) { return read_odd(trimmed(token), entry, row); }
    std::string_view text;
    if (value.get_string().get(text)) { return refuse_at(reinterpret_cast<const uint8_t *>(token.data())); }
    const Field &field = contract_.entries[entry];
    if (text.size() > field.max_length) { return refuse(CSIMDJSON_TEXT_TOO_LONG, entry, row, CSIMDJSON_FOUND_STRING, double(text.size())); }
    if (!field.values.empty() && field.values.find(text) == TextIndex::absent) {
        return refuse(CSIMDJSON_VALUE_NOT_ALLOWED, entry, row, CSIMDJSON_FOUND_STRING);
    }
    return append_text(text, entry, row);
}

}  // namespace weir

extern "C" csimdjson_parser *csimdjson_parser_create(size_t max_body) {
    auto parser = new (std::nothrow) csimdjson_parser;
    if (parser == nullptr) { return nullptr; }
    // Below 64 bytes simdjson's buffers would be smaller than the registers it writes.
    const size_t capacity = max_body < 64 ? 64 : max_body;
    if (parser->json.allocate(capacity, CSIMDJSON_DEPTH) != simdjson::SUCCESS) {
        delete parser;
        return nullptr;
    }
    parser->max_body = max_body;
    return parser;
}

extern "C" void csimdjson_parser_destroy(csimdjson_parser *parser) { delete parser; }

extern "C" void csimdjson_decode(csimdjson_parser *parser, const csimdjson_contract *contract, uint8_t *body, size_t count,
                                 csimdjson_target *target, csimdjson_decoded *decoded) {
    *decoded = csimdjson_decoded{0, 0, 0, -1, -1, 0, -1, nullptr, 0, 0, nullptr, false};
    const uint32_t text_used = target->text_used;
    // RFC 8259 section 8.1 lets a reader ignore a byte order mark, which some clients send.
    const bool marked = count >= 3 && body[0] == 0xEF && body[1] == 0xBB && body[2] == 0xBF;
    const size_t skipped = marked ? 3 : 0;
    // On-Demand looks for a brace after the last token to be wary of unbalanced bodies: what follows must not decide the fault.
    const uint8_t after = body[count];
    body[count] = 0;
    weir::Reader reader(*parser, *contract, body + skipped, count - skipped, *target, *decoded);
    const bool accepted = reader.read();
    body[count] = after;
    if (accepted) { return; }
    decoded->rows = 0;
    target->text_used = text_used;
    if (decoded->position >= 0) { decoded->position += int64_t(skipped); }
}
