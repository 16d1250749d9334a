#include <charconv>
#include <system_error>

#include "CSimdJSON.h"

// std::to_chars without a format gives the shortest text that round-trips ([charconv.to.chars]); of equals the fixed form. For finite
// values the result is a JSON number: "1e-05" and "1e+20" are allowed by RFC 8259 section 6.
template <typename Number> static size_t write_number(Number value, uint8_t *into, size_t capacity) noexcept {
    char *first = reinterpret_cast<char *>(into);
    auto [end, error] = std::to_chars(first, first + capacity, value);
    return error == std::errc() ? size_t(end - first) : 0;
}

extern "C" size_t csimdjson_write_float(float value, uint8_t *into, size_t capacity) { return write_number(value, into, capacity); }

extern "C" size_t csimdjson_write_double(double value, uint8_t *into, size_t capacity) { return write_number(value, into, capacity); }
