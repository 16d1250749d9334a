// Decimal numbers in millionths, from their digits: a double on the way would round twice.
#include "Outcomes.hpp"

namespace weir {

static bool is_digit(char byte) noexcept { return byte >= '0' && byte <= '9'; }

/// The exponent behind `e` or `E`, held within what cannot matter any more: no body has a number with so many digits.
static int64_t exponent_of(std::string_view rest) noexcept {
    const bool negative = !rest.empty() && rest.front() == '-';
    if (!rest.empty() && !is_digit(rest.front())) { rest.remove_prefix(1); }
    int64_t exponent = 0;
    for (char byte : rest) {
        if (exponent < int64_t(1) << 40) { exponent = exponent * 10 + (byte - '0'); }
    }
    return negative ? -exponent : exponent;
}

/// Reads a token that `is_number` in 1e-6, rounded half to even; false when it is beyond CSIMDJSON_FIXED_POINT either way.
bool fixed_point_of(std::string_view number, int64_t &fixed) noexcept {
    const bool negative = number.front() == '-';
    if (negative) { number.remove_prefix(1); }
    const size_t mantissa = std::min(number.find_first_of("eE"), number.size());
    const int64_t exponent = mantissa < number.size() ? exponent_of(number.substr(mantissa + 1)) : 0;
    const std::string_view digits = number.substr(0, mantissa);
    // Digits that are left before the point when it has moved by the exponent and by six.
    int64_t whole = int64_t(std::min(digits.find('.'), digits.size())) + exponent + 6;

    int64_t result = 0;
    int rest = 0;  // compares what is cut off with a half: -1 below, 0 equal, 1 above; only with `cut`
    bool cut = false, any = false;
    if (whole < 0) { cut = true, rest = -1; }
    for (char byte : digits) {
        if (byte == '.') { continue; }
        const int digit = byte - '0';
        any = any || digit != 0;
        if (whole > 0) {
            result = result * 10 + digit;
            if (result > CSIMDJSON_FIXED_POINT) { return false; }
        } else if (whole == 0) {
            cut = true;
            rest = digit > 5 ? 1 : digit < 5 ? -1 : 0;
        } else if (rest == 0 && digit != 0) {
            rest = 1;
        }
        whole--;
    }
    for (; any && whole > 0; whole--) {
        result *= 10;
        if (result > CSIMDJSON_FIXED_POINT) { return false; }
    }
    if (cut && (rest > 0 || (rest == 0 && (result & 1) != 0))) { result++; }
    if (result > CSIMDJSON_FIXED_POINT) { return false; }
    fixed = negative ? -result : result;
    return true;
}

}  // namespace weir
