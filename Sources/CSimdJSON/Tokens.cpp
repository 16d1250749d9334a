// Single tokens, for the cases that the fast reads turn away.
#include <charconv>
#include <cstdlib>

#include "Reader.hpp"

namespace weir {

/// The token without the white space up to the next one.
std::string_view trimmed(std::string_view token) noexcept {
    while (!token.empty() && (token.back() == ' ' || token.back() == '\n' || token.back() == '\r' || token.back() == '\t')) {
        token.remove_suffix(1);
    }
    return token;
}

/// What the token is, as CSIMDJSON_FOUND_…; containers and strings by their first byte, the rest as a whole.
uint8_t kind_of(std::string_view token) noexcept {
    if (token.empty()) { return CSIMDJSON_FOUND_GARBAGE; }
    switch (token.front()) {
        case '"': return CSIMDJSON_FOUND_STRING;
        case '{': return CSIMDJSON_FOUND_OBJECT;
        case '[': return CSIMDJSON_FOUND_ARRAY;
        default: break;
    }
    if (token == "null") { return CSIMDJSON_FOUND_NULL; }
    if (token == "true" || token == "false") { return CSIMDJSON_FOUND_BOOLEAN; }
    if (token == "NaN" || token == "nan" || token == "Infinity" || token == "-Infinity") { return CSIMDJSON_FOUND_NAN; }
    return is_number(token) ? CSIMDJSON_FOUND_NUMBER : CSIMDJSON_FOUND_GARBAGE;
}

static bool skip_digits(std::string_view &rest) noexcept {
    const size_t before = rest.size();
    while (!rest.empty() && rest.front() >= '0' && rest.front() <= '9') { rest.remove_prefix(1); }
    return rest.size() != before;
}

static bool skip_one_of(std::string_view &rest, std::string_view bytes) noexcept {
    if (rest.empty() || bytes.find(rest.front()) == std::string_view::npos) { return false; }
    rest.remove_prefix(1);
    return true;
}

/// Whether the token is a number by RFC 8259 section 6.
bool is_number(std::string_view rest) noexcept {
    skip_one_of(rest, "-");
    if (!skip_one_of(rest, "0") && !skip_digits(rest)) { return false; }
    if (skip_one_of(rest, ".") && !skip_digits(rest)) { return false; }
    if (skip_one_of(rest, "eE")) {
        skip_one_of(rest, "+-");
        if (!skip_digits(rest)) { return false; }
    }
    return rest.empty();
}

/// The double nearest to a token that `is_number`; infinite when it is too large.
double number_of(std::string_view token) noexcept {
    double number = 0;
    auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), number);
    // Out of range says neither on which side nor gives a value; strtod does both. The token ends at a byte that is no digit.
    return error == std::errc() ? number : std::strtod(token.data(), nullptr);
}

}  // namespace weir
