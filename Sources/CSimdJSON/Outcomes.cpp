// The walk over a body of outcomes: one object, an array of objects, or one object a line.
#include "Outcomes.hpp"

#include <new>

namespace weir {

using simdjson::error_code;

static bool is_white(uint8_t byte) noexcept { return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t'; }

bool OutcomeReader::read(bool is_lines) noexcept {
    if (count_ == 0) { return refuse(CSIMDJSON_EMPTY_BODY); }
    if (count_ > memory_.max_body) { return refuse(CSIMDJSON_BODY_TOO_LARGE); }
    if (is_lines || is_several_lines()) { return read_lines(); }
    return read_document(body_, count_);
}

/// Whether a line break stands between `}` and `{`, which no single outcome has: its values are no objects, and a line break inside a
/// string is escaped.
bool OutcomeReader::is_several_lines() const noexcept {
    const uint8_t *end = body_ + count_;
    const uint8_t *first = body_;
    while (first < end && is_white(*first)) { first++; }
    if (first == end || *first != '{') { return false; }
    for (const uint8_t *byte = first; (byte = static_cast<const uint8_t *>(std::memchr(byte, '\n', size_t(end - byte)))) != nullptr; byte++) {
        const uint8_t *before = byte, *after = byte;
        while (before > first && is_white(*before)) { before--; }
        while (after < end && is_white(*after)) { after++; }
        if (*before == '}' && after < end && *after == '{') { return true; }
        byte = after - 1;
    }
    return false;
}

bool OutcomeReader::read_lines() noexcept {
    answer_.is_list = true;
    uint8_t *line = body_, *end = body_ + count_;
    while (line < end) {
        uint8_t *stop = static_cast<uint8_t *>(std::memchr(line, '\n', size_t(end - line)));
        if (stop == nullptr) { stop = end; }
        while (line < stop && is_white(*line)) { line++; }
        if (line < stop && !read_line(line, size_t(stop - line))) { return false; }
        line = stop + 1;
    }
    return answer_.count > 0 || refuse(CSIMDJSON_EMPTY_BODY);
}

/// On-Demand may look at the byte after the text, which must not decide anything: it is set aside.
bool OutcomeReader::read_line(uint8_t *line, size_t count) noexcept {
    row_ = int32_t(answer_.count);
    if (*line != '{') { return refuse(CSIMDJSON_NOT_AN_OBJECT); }
    const uint8_t after = line[count];
    line[count] = 0;
    const bool accepted = read_document(line, count);
    line[count] = after;
    return accepted;
}

/// One object, or an array of them, and nothing after it.
bool OutcomeReader::read_document(uint8_t *text, size_t count) noexcept {
    ondemand::document document;
    const size_t readable = size_t(body_ + count_ + CSIMDJSON_PADDING - text);
    if (error_code error = memory_.json.iterate(text, count, readable).get(document)) { return refuse_error(error); }
    const uint8_t *first = text;
    while (first < text + count && is_white(*first)) { first++; }
    if (first < text + count && *first == '[') { return read_array(document) && end_of(document); }
    ondemand::object object;
    if (error_code error = document.get_object().get(object)) {
        return error == simdjson::INCORRECT_TYPE ? refuse(CSIMDJSON_NOT_AN_OBJECT) : refuse_error(error);
    }
    return read_item(object) && end_of(document);
}

bool OutcomeReader::read_array(ondemand::document &document) noexcept {
    answer_.is_list = true;
    ondemand::array array;
    if (error_code error = document.get_array().get(array)) { return refuse_error(error); }
    ondemand::array_iterator items, last;
    if (error_code error = array.begin().get(items)) { return refuse_error(error); }
    if (error_code error = array.end().get(last)) { return refuse_error(error); }
    for (; items != last; ++items) {
        ondemand::value value;
        if (error_code error = (*items).get(value)) { return refuse_error(error); }
        row_ = int32_t(answer_.count);
        ondemand::object object;
        if (value.get_object().get(object)) {
            const std::string_view token = trimmed(value.raw_json_token());
            return kind_of(token) == CSIMDJSON_FOUND_GARBAGE ? refuse_at(token.data()) : refuse(CSIMDJSON_NOT_AN_OBJECT);
        }
        if (!read_item(object)) { return false; }
        row_ = -1;
    }
    return answer_.count > 0 || refuse(CSIMDJSON_NO_ROWS);
}

bool OutcomeReader::read_item(ondemand::object &object) noexcept {
    if (answer_.count == memory_.max_items) {
        row_ = -1;
        return refuse(CSIMDJSON_TOO_MANY_ROWS);
    }
    csimdjson_outcome &item = memory_.items[answer_.count];
    item = csimdjson_outcome{};
    ondemand::object_iterator fields, last;
    if (error_code error = object.begin().get(fields)) { return refuse_error(error); }
    if (error_code error = object.end().get(last)) { return refuse_error(error); }
    uint32_t seen = 0;
    for (; fields != last; ++fields) {
        ondemand::field field;
        if (error_code error = (*fields).get(field)) { return refuse_error(error); }
        const Key key = identify(field);
        if (key == none) { return false; }
        if (seen & 1u << key) { return refuse(CSIMDJSON_DUPLICATE_FIELD, key); }
        seen |= 1u << key;
        if (!read_key(field.value(), key, item)) { return false; }
    }
    for (Key key : {prediction, name, value}) {
        if (!(seen & 1u << key)) { return refuse(CSIMDJSON_MISSING_VALUE, key, CSIMDJSON_FOUND_NOTHING); }
    }
    answer_.count++;
    return true;
}

/// The key that a field has; `none` after a fault. As written without escapes, each is known by its first byte.
OutcomeReader::Key OutcomeReader::identify(ondemand::field &field) noexcept {
    static constexpr std::string_view keys[] = {"prediction\"", "name\"", "value\"", "at\"", "replace\""};
    const char *raw = field.key().raw();
    Key likely = none;
    switch (*raw) {
        case 'p': likely = prediction; break;
        case 'n': likely = name; break;
        case 'v': likely = value; break;
        case 'a': likely = at; break;
        case 'r': likely = replace; break;
        default: break;
    }
    // The longest key is shorter than the padding, so that its bytes can always be compared.
    if (simdjson_likely(likely != none && std::memcmp(raw, keys[likely].data(), keys[likely].size()) == 0)) { return likely; }
    std::string_view text;
    if (field.unescaped_key().get(text)) {
        refuse_at(raw);
        return none;
    }
    for (Key key : {prediction, name, value, at, replace}) {
        if (text == keys[key].substr(0, keys[key].size() - 1)) { return key; }
    }
    refuse_name(text);
    return none;
}

/// Nothing but white space may follow.
bool OutcomeReader::end_of(ondemand::document &document) noexcept {
    const char *rest;
    return document.current_location().get(rest) == simdjson::OUT_OF_BOUNDS || refuse_at(rest);
}

}  // namespace weir

extern "C" csimdjson_outcome_reader *csimdjson_outcome_reader_create(size_t max_body, uint32_t max_items) {
    try {
        auto reader = new csimdjson_outcome_reader;
        try {
            // As for csimdjson_parser_create: not below the size of simdjson's registers.
            const size_t capacity = max_body < 64 ? 64 : max_body;
            if (reader->json.allocate(capacity, CSIMDJSON_DEPTH) != simdjson::SUCCESS) { throw std::bad_alloc(); }
            reader->items.reset(new csimdjson_outcome[max_items]);
            reader->texts.reset(new uint8_t[capacity]);
        } catch (...) {
            delete reader;
            return nullptr;
        }
        reader->max_body = max_body;
        reader->max_items = max_items;
        return reader;
    } catch (...) { return nullptr; }
}

extern "C" void csimdjson_outcome_reader_destroy(csimdjson_outcome_reader *reader) { delete reader; }

extern "C" void csimdjson_read_outcomes(csimdjson_outcome_reader *reader, uint8_t *body, size_t count, bool is_lines,
                                        csimdjson_outcomes *outcomes) {
    *outcomes = csimdjson_outcomes{0, 0, false, -1, -1, -1, reader->items.get(), {nullptr, 0}, 0, 0};
    const bool marked = count >= 3 && body[0] == 0xEF && body[1] == 0xBB && body[2] == 0xBF;
    const size_t skipped = marked ? 3 : 0;
    const uint8_t after = body[count];
    body[count] = 0;
    weir::OutcomeReader walk(*reader, body + skipped, count - skipped, *outcomes);
    const bool accepted = walk.read(is_lines);
    body[count] = after;
    if (accepted) { return; }
    outcomes->count = 0;
    if (outcomes->position >= 0) { outcomes->position += int64_t(skipped); }
}
