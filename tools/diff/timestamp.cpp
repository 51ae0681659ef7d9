#include "tools/diff/timestamp.h"

#include <algorithm>
#include <chrono>

#include "base/text.h"

namespace casefile::tools::diff {
namespace {

/// Takes exactly `count` digits from the front.
std::optional<int> take_number(std::string_view& text, std::size_t count) {
    if (text.size() < count) return std::nullopt;
    int number = 0;
    for (const char c : text.substr(0, count)) {
        if (c < '0' || c > '9') return std::nullopt;
        number = number * 10 + (c - '0');
    }
    text.remove_prefix(count);
    return number;
}

bool take(std::string_view& text, std::string_view any_of) {
    if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
    text.remove_prefix(1);
    return true;
}

/// Takes "+02:00", "+0200", "+02", "UTC" or "Z" from the front, to the end.
std::optional<std::int64_t> take_zone(std::string_view text) {
    if (text == "Z" || text == "z" || text == "UTC") return 0;
    const bool west = text.starts_with('-');
    if (!take(text, "+-")) return std::nullopt;
    const auto hours = take_number(text, 2);
    const bool whole_hours = text.empty();
    take(text, ":");
    const auto minutes = whole_hours ? std::optional(0) : take_number(text, 2);
    if (!hours || !minutes || !text.empty() || *hours > 23 || *minutes > 59) return std::nullopt;
    const std::int64_t seconds = *hours * 3600 + *minutes * 60;
    return west ? -seconds : seconds;
}

/// Seconds since 1970 of "2026-11-22", as if in UTC.
std::optional<std::int64_t> take_date(std::string_view& text) {
    const auto year = take_number(text, 4);
    if (!year || !take(text, "-")) return std::nullopt;
    const auto month = take_number(text, 2);
    if (!month || !take(text, "-")) return std::nullopt;
    const auto day = take_number(text, 2);
    if (!day) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(*year),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_seconds(std::chrono::sys_days(date)).time_since_epoch().count();
}

/// Takes ":02:03" from the front.
std::optional<std::int64_t> take_minutes_and_seconds(std::string_view& text) {
    if (!take(text, ":")) return std::nullopt;
    const auto minute = take_number(text, 2);
    if (!minute || !take(text, ":")) return std::nullopt;
    const auto second = take_number(text, 2);
    if (!second || *minute > 59 || *second > 59) return std::nullopt;
    return *minute * 60 + *second;
}

/// Takes "14:02:03", or "14:02" where nothing but a zone comes after it.
std::optional<std::int64_t> take_time(std::string_view& text) {
    const auto hour = take_number(text, 2);
    if (!hour || *hour > 23) return std::nullopt;
    auto rest = text;
    if (const auto seconds = take_minutes_and_seconds(rest)) {
        text = rest;
        return *hour * 3600 + *seconds;
    }
    if (!take(text, ":")) return std::nullopt;
    const auto minute = take_number(text, 2);
    if (!minute || *minute > 59 || text.starts_with(':') || text.starts_with('.')) return std::nullopt;
    return *hour * 3600 + *minute * 60;
}

/// Takes ".100" as "1", and no text where there is no point; nothing for a point without digits.
std::optional<std::string> take_fraction(std::string_view& text) {
    if (!take(text, ".")) return std::string();
    const auto end = std::find_if(text.begin(), text.end(), [](char c) { return c < '0' || c > '9'; });
    std::string fraction(text.begin(), end);
    if (fraction.empty()) return std::nullopt;
    text.remove_prefix(fraction.size());
    while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
    return fraction;
}

}  // namespace

std::optional<Timestamp> parse_timestamp(std::string_view text, std::int64_t zone_seconds) {
    constexpr std::size_t shortest = 16;
    if (text.size() < shortest || text[4] != '-') return std::nullopt;
    const auto date = take_date(text);
    if (!date || !take(text, " Tt")) return std::nullopt;
    const auto time = take_time(text);
    if (!time) return std::nullopt;
    auto fraction = take_fraction(text);
    if (!fraction) return std::nullopt;
    if (text.size() > 1) take(text, " ");
    const auto zone = text.empty() ? std::optional(zone_seconds) : take_zone(text);
    if (!zone) return std::nullopt;
    return Timestamp{*date + *time - *zone, *std::move(fraction)};
}

std::optional<Decimal> parse_time_of_day(std::string_view text) {
    const bool negative = take(text, "-");
    constexpr std::size_t shortest = 8;  // "10:00:00"
    const auto colon = text.find(':');
    if (text.size() < shortest || (colon != 2 && colon != 3)) return std::nullopt;
    const auto hours = take_number(text, colon);
    const auto rest = hours ? take_minutes_and_seconds(text) : std::nullopt;
    const auto fraction = rest ? take_fraction(text) : std::nullopt;
    if (!fraction || !text.empty()) return std::nullopt;
    return Decimal::parse((negative ? "-" : "") + std::to_string(*hours * 3600 + *rest) +
                          (fraction->empty() ? "" : "." + *fraction));
}

std::optional<Decimal> Timestamp::seconds_since_year_zero() const {
    constexpr std::int64_t from_year_zero_to_1970 = 62'167'219'200;
    return Decimal::parse(std::to_string(seconds + from_year_zero_to_1970) +
                          (fraction.empty() ? "" : "." + fraction));
}

Result<std::int64_t> parse_zone(std::string_view text) {
    if (equals_ignoring_case(text, "UTC")) return 0;
    if (const auto zone = take_zone(text)) return *zone;
    return invalid(
        "compare.timezone: expected UTC or an offset such as +02:00, got '" + printable(shorten(text, 40)) +
            "'",
        "a named zone changes its offset over the year; give the one that held in the time compared");
}

}  // namespace casefile::tools::diff
