// Moments as RFC 3339 writes them: 2026-11-22T20:00:00Z, 2026-11-22T21:00:00.25+01:00.
#include "Outcomes.hpp"

namespace weir {

/// Takes `count` digits off the front; false when something else stands there.
static bool take_digits(std::string_view &rest, size_t count, int64_t &number) noexcept {
    if (rest.size() < count) { return false; }
    number = 0;
    for (size_t index = 0; index < count; index++) {
        if (rest[index] < '0' || rest[index] > '9') { return false; }
        number = number * 10 + (rest[index] - '0');
    }
    rest.remove_prefix(count);
    return true;
}

static bool take(std::string_view &rest, std::string_view choices) noexcept {
    if (rest.empty() || choices.find(rest.front()) == std::string_view::npos) { return false; }
    rest.remove_prefix(1);
    return true;
}

static int64_t days_in(int64_t year, int64_t month) noexcept {
    static constexpr uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

/// Days from 1970-01-01 in the Gregorian calendar (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil).
static int64_t days_before(int64_t year, int64_t month, int64_t day) noexcept {
    year -= month <= 2;
    const int64_t era = (year >= 0 ? year : year - 399) / 400;
    const int64_t of_era = year - era * 400;
    const int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/// The fraction of a second in whole milliseconds; further digits are cut off.
static bool take_fraction(std::string_view &rest, int64_t &milliseconds) noexcept {
    milliseconds = 0;
    if (!take(rest, ".")) { return true; }
    int64_t digit, place = 100;
    if (!take_digits(rest, 1, digit)) { return false; }
    do {
        milliseconds += digit * place;
        place /= 10;
    } while (take_digits(rest, 1, digit));
    return true;
}

/// The offset in minutes: Z, or +hh:mm and -hh:mm.
static bool take_offset(std::string_view &rest, int64_t &minutes) noexcept {
    minutes = 0;
    if (take(rest, "Zz")) { return true; }
    const bool west = !rest.empty() && rest.front() == '-';
    int64_t hour, minute;
    if (!take(rest, "+-") || !take_digits(rest, 2, hour) || !take(rest, ":") || !take_digits(rest, 2, minute)) { return false; }
    if (hour > 23 || minute > 59) { return false; }
    minutes = (west ? -1 : 1) * (hour * 60 + minute);
    return true;
}

/// Milliseconds since 1970 of a date-time by RFC 3339 section 5.6, with a blank allowed for the T as its note says; false for anything
/// else. A leap second (:60) counts as the second after.
bool timestamp_of(std::string_view text, int64_t &milliseconds) noexcept {
    int64_t year, month, day, hour, minute, second, fraction, offset;
    if (!take_digits(text, 4, year) || !take(text, "-") || !take_digits(text, 2, month) || !take(text, "-")) { return false; }
    if (!take_digits(text, 2, day) || !take(text, "Tt ") || !take_digits(text, 2, hour) || !take(text, ":")) { return false; }
    if (!take_digits(text, 2, minute) || !take(text, ":") || !take_digits(text, 2, second)) { return false; }
    if (!take_fraction(text, fraction) || !take_offset(text, offset) || !text.empty()) { return false; }
    if (month < 1 || month > 12 || day < 1 || day > days_in(year, month)) { return false; }
    if (hour > 23 || minute > 59 || second > 60 || (second == 60 && minute != 59)) { return false; }
    const int64_t seconds = ((days_before(year, month, day) * 24 + hour) * 60 + minute - offset) * 60 + second;
    milliseconds = seconds * 1000 + fraction;
    return true;
}

}  // namespace weir
