// Everything that a well-behaved client rarely sends: missing values, units, ignored fields, faults.
#include <charconv>
#include <cmath>
#include <limits>

#include "Reader.hpp"

namespace weir {

using simdjson::error_code;

static const uint8_t *bytes_of(std::string_view token) noexcept { return reinterpret_cast<const uint8_t *>(token.data()); }

/// A value that the quick reads turned away: missing, a number written in another way, of another type, or no JSON at all.
bool Reader::read_odd(std::string_view token, uint32_t entry, const Row &row) noexcept {
    const uint8_t found = kind_of(token);
    const uint8_t kind = contract_.entries[entry].kind;
    switch (found) {
        case CSIMDJSON_FOUND_GARBAGE: return refuse_at(bytes_of(token));
        case CSIMDJSON_FOUND_NULL:
        case CSIMDJSON_FOUND_NAN: return fill_missing(entry, row, found);
        case CSIMDJSON_FOUND_NUMBER:
            if (kind == CSIMDJSON_NUMBER || kind == CSIMDJSON_INTEGER) { return read_odd_number(token, entry, row); }
            [[fallthrough]];
        default: return refuse(CSIMDJSON_WRONG_TYPE, entry, row, found);
    }
}

/// Long numbers, numbers beyond a double, and integers written with a fraction or an exponent (1.0 and 1e2 are integers, 1.5 is not).
bool Reader::read_odd_number(std::string_view token, uint32_t entry, const Row &row) noexcept {
    const Field &field = contract_.entries[entry];
    const double number = number_of(token);
    if (!std::isfinite(number)) { return refuse(CSIMDJSON_NON_FINITE, entry, row, CSIMDJSON_FOUND_NUMBER); }
    if (field.kind == CSIMDJSON_INTEGER && number != std::trunc(number)) {
        return refuse(CSIMDJSON_NOT_AN_INTEGER, entry, row, CSIMDJSON_FOUND_NUMBER, number);
    }
    const bool exact = field.kind != CSIMDJSON_INTEGER || std::abs(number) <= double(exact_integer);
    if (!exact || !(number >= field.minimum && number <= field.maximum)) {
        return refuse(CSIMDJSON_OUT_OF_RANGE, entry, row, CSIMDJSON_FOUND_NUMBER, number);
    }
    *slot_of(entry, row) = number;
    return true;
}

/// Applies the field's rule for a missing value; `found` says how it was missing.
bool Reader::fill_missing(uint32_t entry, const Row &row, uint8_t found) noexcept {
    const Field &field = contract_.entries[entry];
    was_missing_ = true;
    if (field.missing == CSIMDJSON_REFUSE) { return refuse(CSIMDJSON_MISSING_VALUE, entry, row, found); }
    if (field.kind == CSIMDJSON_STRING) { return append_text(field.default_text, entry, row); }
    *slot_of(entry, row) = field.missing == CSIMDJSON_DEFAULT ? field.default_number : std::numeric_limits<double>::quiet_NaN();
    return true;
}

/// Copies a decoded string to the target's text and its place (offset << 32 | count) into the slot.
bool Reader::append_text(std::string_view text, uint32_t entry, const Row &row) noexcept {
    const uint32_t offset = target_.text_used;
    if (text.size() > target_.text_capacity - offset) { return refuse(CSIMDJSON_TEXT_FULL, entry, row, CSIMDJSON_FOUND_STRING); }
    if (!text.empty()) { std::memcpy(target_.text + offset, text.data(), text.size()); }
    target_.text_used = offset + uint32_t(text.size());
    const uint64_t place = uint64_t(offset) << 32 | text.size();
    std::memcpy(slot_of(entry, row), &place, sizeof place);
    return true;
}

/// The unit's field where it is no feature: a string or an integer; missing values leave the body without a unit.
bool Reader::read_unit(ondemand::value &value, uint32_t entry, const Row &row) noexcept {
    const std::string_view token = trimmed(value.raw_json_token());
    const uint8_t found = kind_of(token);
    switch (found) {
        case CSIMDJSON_FOUND_GARBAGE: return refuse_at(bytes_of(token));
        case CSIMDJSON_FOUND_NULL:
        case CSIMDJSON_FOUND_NAN: return true;
        case CSIMDJSON_FOUND_NUMBER: return read_unit_number(token, entry, row);
        case CSIMDJSON_FOUND_STRING: {
            std::string_view text;
            if (value.get_string().get(text)) { return refuse_at(bytes_of(token)); }
            return take_unit(text, entry, row);
        }
        default: return refuse(CSIMDJSON_WRONG_TYPE, entry, row, found);
    }
}

/// Integers become their decimal text, so that 17, 17.0 and "17" are one unit; long ones keep the digits they came with.
bool Reader::read_unit_number(std::string_view token, uint32_t entry, const Row &row) noexcept {
    const bool plain = token.find_first_of(".eE") == std::string_view::npos;
    if (plain && token != "-0") { return take_unit(token, entry, row); }
    const double number = number_of(token);
    if (number != std::trunc(number) || !(std::abs(number) <= double(exact_integer))) {
        return refuse(CSIMDJSON_NOT_AN_INTEGER, entry, row, CSIMDJSON_FOUND_NUMBER, number);
    }
    char *text = reinterpret_cast<char *>(parser_.unit);
    auto [end, error] = std::to_chars(text, text + sizeof parser_.unit, int64_t(number));
    return take_unit(std::string_view(text, size_t(end - text)), entry, row);
}

/// The unit from the feature just read (its default is not a unit).
bool Reader::take_unit_of(uint32_t entry, const Row &row) noexcept {
    if (was_missing_) { return true; }
    const double *slot = slot_of(entry, row);
    if (contract_.entries[entry].kind == CSIMDJSON_STRING) {
        uint64_t place;
        std::memcpy(&place, slot, sizeof place);
        return take_unit({reinterpret_cast<const char *>(target_.text) + (place >> 32), size_t(place & UINT32_MAX)}, entry, row);
    }
    char *text = reinterpret_cast<char *>(parser_.unit) + (row.top ? 0 : 32);
    auto [end, error] = std::to_chars(text, text + 32, int64_t(*slot));
    return take_unit(std::string_view(text, size_t(end - text)), entry, row);
}

/// One body is one assignment: the unit beside "instances" wins, else the first row's counts. An empty text is no unit.
bool Reader::take_unit(std::string_view text, uint32_t entry, const Row &row) noexcept {
    if (text.size() > CSIMDJSON_UNIT) { return refuse(CSIMDJSON_TEXT_TOO_LONG, entry, row, CSIMDJSON_FOUND_STRING, double(text.size())); }
    if (text.empty() || (!row.top && (row.index > 0 || decoded_.unit != nullptr))) { return true; }
    decoded_.unit = bytes_of(text);
    decoded_.unit_count = uint32_t(text.size());
    return true;
}

/// Reads past an ignored value as strictly as past any other: On-Demand itself would only count brackets.
bool Reader::skip(ondemand::value value, int depth) noexcept {
    const std::string_view token = trimmed(value.raw_json_token());
    switch (kind_of(token)) {
        case CSIMDJSON_FOUND_GARBAGE: return refuse_at(bytes_of(token));
        case CSIMDJSON_FOUND_STRING: {
            std::string_view text;
            return !value.get_string().get(text) || refuse_at(bytes_of(token));
        }
        case CSIMDJSON_FOUND_OBJECT: {
            if (depth > CSIMDJSON_DEPTH) { return refuse_body(CSIMDJSON_TOO_DEEP); }
            ondemand::object object;
            if (error_code error = value.get_object().get(object)) { return refuse_error(error); }
            return skip_object(object, depth);
        }
        case CSIMDJSON_FOUND_ARRAY: {
            if (depth > CSIMDJSON_DEPTH) { return refuse_body(CSIMDJSON_TOO_DEEP); }
            ondemand::array array;
            if (error_code error = value.get_array().get(array)) { return refuse_error(error); }
            return skip_array(array, depth);
        }
        default: return true;
    }
}

bool Reader::skip_object(ondemand::object &object, int depth) noexcept {
    ondemand::object_iterator fields, last;
    if (error_code error = object.begin().get(fields)) { return refuse_error(error); }
    if (error_code error = object.end().get(last)) { return refuse_error(error); }
    for (; fields != last; ++fields) {
        ondemand::field field;
        if (error_code error = (*fields).get(field)) { return refuse_error(error); }
        std::string_view name;
        if (error_code error = field.unescaped_key().get(name)) { return refuse_error(error); }
        if (!skip(field.value(), depth + 1)) { return false; }
    }
    return true;
}

bool Reader::skip_array(ondemand::array &array, int depth) noexcept {
    ondemand::array_iterator values, last;
    if (error_code error = array.begin().get(values)) { return refuse_error(error); }
    if (error_code error = array.end().get(last)) { return refuse_error(error); }
    for (; values != last; ++values) {
        ondemand::value value;
        if (error_code error = (*values).get(value)) { return refuse_error(error); }
        if (!skip(value, depth + 1)) { return false; }
    }
    return true;
}

bool Reader::refuse(uint8_t fault, uint32_t entry, const Row &row, uint8_t found, double value) noexcept {
    decoded_.fault = fault;
    decoded_.found = found;
    decoded_.value = value;
    decoded_.row = row.index;
    decoded_.field = int32_t(entry == contract_.instances ? contract_.features + 1 : entry);
    return false;
}

bool Reader::refuse_body(uint8_t fault) noexcept {
    decoded_.fault = fault;
    return false;
}

bool Reader::refuse_at(const uint8_t *byte) noexcept {
    decoded_.position = byte - body_;
    return refuse_body(CSIMDJSON_INVALID_JSON);
}

/// simdjson's own errors: of the whole text, or of its structure.
bool Reader::refuse_error(error_code error) noexcept {
    switch (error) {
        case simdjson::EMPTY: return refuse_body(CSIMDJSON_EMPTY_BODY);
        case simdjson::CAPACITY: return refuse_body(CSIMDJSON_BODY_TOO_LARGE);
        case simdjson::UTF8_ERROR: return refuse_body(CSIMDJSON_INVALID_UTF8);
        default: return refuse_body(CSIMDJSON_INVALID_JSON);
    }
}

/// Keeps at most CSIMDJSON_ECHO bytes of the name, cut between characters.
bool Reader::refuse_name(std::string_view name, const Row &row) noexcept {
    size_t count = name.size();
    if (count > CSIMDJSON_ECHO) {
        count = CSIMDJSON_ECHO;
        while (count > 0 && (uint8_t(name[count]) & 0xC0) == 0x80) { count--; }
    }
    std::memcpy(parser_.name, name.data(), count);
    decoded_.fault = CSIMDJSON_UNKNOWN_FIELD;
    decoded_.row = row.index;
    decoded_.name = parser_.name;
    decoded_.name_count = uint32_t(count);
    return false;
}

}  // namespace weir
