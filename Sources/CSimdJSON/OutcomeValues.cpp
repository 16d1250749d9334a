// The values of one outcome, and what is said when one cannot be read.
#include <cmath>

#include "Outcomes.hpp"

namespace weir {

using simdjson::error_code;

bool OutcomeReader::read_key(ondemand::value &from, Key key, csimdjson_outcome &item) noexcept {
    switch (key) {
        case prediction: return read_text(from, key, CSIMDJSON_PREDICTION, item.prediction);
        case name: return read_text(from, key, CSIMDJSON_OUTCOME_NAME, item.name);
        case value: return read_value(from, item);
        case at: return read_at(from, item);
        default: return read_replace(from, item);
    }
}

/// A prediction or a name: a string within its limit.
bool OutcomeReader::read_text(ondemand::value &from, Key key, size_t limit, csimdjson_text &into) noexcept {
    const std::string_view token = from.raw_json_token();
    if (simdjson_unlikely(token.empty() || token.front() != '"')) {
        const std::string_view odd = trimmed(token);
        const uint8_t found = kind_of(odd);
        if (found == CSIMDJSON_FOUND_GARBAGE) { return refuse_at(odd.data()); }
        const bool missing = found == CSIMDJSON_FOUND_NULL || found == CSIMDJSON_FOUND_NAN;
        return refuse(missing ? CSIMDJSON_MISSING_VALUE : CSIMDJSON_WRONG_TYPE, key, found);
    }
    std::string_view text;
    if (from.get_string().get(text)) { return refuse_at(token.data()); }
    if (text.size() > limit) {
        answer_.length = uint32_t(text.size());
        return refuse(CSIMDJSON_TEXT_TOO_LONG, key, CSIMDJSON_FOUND_STRING);
    }
    into = keep(text);
    return true;
}

/// The value: what is JSON but cannot be recorded is unfit, and only its item suffers; an object or a list is a mistake of the body.
bool OutcomeReader::read_value(ondemand::value &from, csimdjson_outcome &item) noexcept {
    const std::string_view token = trimmed(from.raw_json_token());
    const uint8_t found = kind_of(token);
    item.kind = CSIMDJSON_OUTCOME_IS_UNFIT;
    switch (found) {
        case CSIMDJSON_FOUND_NUMBER:
            item.number = number_of(token);
            if (!std::isfinite(item.number)) { return true; }
            item.kind = CSIMDJSON_OUTCOME_IS_NUMBER;
            item.fits = fixed_point_of(token, item.fixed);
            return true;
        case CSIMDJSON_FOUND_BOOLEAN:
            item.kind = CSIMDJSON_OUTCOME_IS_BOOLEAN;
            item.number = token == "true" ? 1 : 0;
            item.fixed = token == "true" ? 1000000 : 0;
            item.fits = true;
            return true;
        case CSIMDJSON_FOUND_STRING: {
            std::string_view text;
            if (from.get_string().get(text)) { return refuse_at(token.data()); }
            if (text.size() > CSIMDJSON_OUTCOME_TEXT) { return true; }
            item.kind = CSIMDJSON_OUTCOME_IS_TEXT;
            item.text = keep(text);
            return true;
        }
        case CSIMDJSON_FOUND_NULL:
        case CSIMDJSON_FOUND_NAN: return true;
        case CSIMDJSON_FOUND_GARBAGE: return refuse_at(token.data());
        default: return refuse(CSIMDJSON_WRONG_TYPE, value, found);
    }
}

/// A moment: RFC 3339 text, or whole milliseconds since 1970; null is none.
bool OutcomeReader::read_at(ondemand::value &from, csimdjson_outcome &item) noexcept {
    const std::string_view token = trimmed(from.raw_json_token());
    const uint8_t found = kind_of(token);
    switch (found) {
        case CSIMDJSON_FOUND_NULL: return true;
        case CSIMDJSON_FOUND_STRING: {
            std::string_view text;
            if (from.get_string().get(text)) { return refuse_at(token.data()); }
            if (!timestamp_of(text, item.at)) { return refuse(CSIMDJSON_VALUE_NOT_ALLOWED, at, found); }
            item.has_at = true;
            return true;
        }
        case CSIMDJSON_FOUND_NUMBER: {
            const double number = number_of(token);
            if (!(number >= double(first_timestamp) && number <= double(last_timestamp))) { return refuse(CSIMDJSON_OUT_OF_RANGE, at, found); }
            if (number != std::trunc(number)) { return refuse(CSIMDJSON_NOT_AN_INTEGER, at, found); }
            item.at = int64_t(number);
            item.has_at = true;
            return true;
        }
        case CSIMDJSON_FOUND_GARBAGE: return refuse_at(token.data());
        default: return refuse(CSIMDJSON_WRONG_TYPE, at, found);
    }
}

/// Whether a recorded value is replaced; null is no.
bool OutcomeReader::read_replace(ondemand::value &from, csimdjson_outcome &item) noexcept {
    const std::string_view token = trimmed(from.raw_json_token());
    const uint8_t found = kind_of(token);
    switch (found) {
        case CSIMDJSON_FOUND_NULL: return true;
        case CSIMDJSON_FOUND_BOOLEAN: item.replaces = token == "true"; return true;
        case CSIMDJSON_FOUND_GARBAGE: return refuse_at(token.data());
        default: return refuse(CSIMDJSON_WRONG_TYPE, replace, found);
    }
}

/// Copies a text, which has no more bytes decoded than in the body: all of them fit.
csimdjson_text OutcomeReader::keep(std::string_view text) noexcept {
    uint8_t *place = memory_.texts.get() + text_used_;
    std::memcpy(place, text.data(), text.size());
    text_used_ += text.size();
    return csimdjson_text{place, text.size()};
}

bool OutcomeReader::refuse(uint8_t fault, Key key, uint8_t found) noexcept {
    answer_.fault = fault;
    answer_.found = found;
    answer_.key = key;
    answer_.row = row_;
    return false;
}

bool OutcomeReader::refuse_at(const char *byte) noexcept {
    answer_.position = reinterpret_cast<const uint8_t *>(byte) - body_;
    return refuse(CSIMDJSON_INVALID_JSON);
}

/// simdjson's own errors: of the whole text, or of its structure.
bool OutcomeReader::refuse_error(error_code error) noexcept {
    switch (error) {
        case simdjson::EMPTY: return refuse(CSIMDJSON_EMPTY_BODY);
        case simdjson::CAPACITY: return refuse(CSIMDJSON_BODY_TOO_LARGE);
        case simdjson::UTF8_ERROR: return refuse(CSIMDJSON_INVALID_UTF8);
        default: return refuse(CSIMDJSON_INVALID_JSON);
    }
}

/// Keeps at most CSIMDJSON_ECHO bytes of an unknown key, cut between characters.
bool OutcomeReader::refuse_name(std::string_view name) noexcept {
    size_t count = name.size();
    if (count > CSIMDJSON_ECHO) {
        count = CSIMDJSON_ECHO;
        while (count > 0 && (uint8_t(name[count]) & 0xC0) == 0x80) { count--; }
    }
    std::memcpy(memory_.name, name.data(), count);
    answer_.name = csimdjson_text{memory_.name, count};
    return refuse(CSIMDJSON_UNKNOWN_FIELD);
}

}  // namespace weir
