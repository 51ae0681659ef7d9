#include "base/clock.h"

#include <array>
#include <cstdio>
#include <ctime>

namespace casefile {
namespace {

using namespace std::chrono;

struct Parts {
    year_month_day date;
    hh_mm_ss<milliseconds> time;
};

Parts parts_of(WallTime at) {
    const auto day = floor<days>(at);
    return {year_month_day{day}, hh_mm_ss<milliseconds>{at - day}};
}

template <class... Values>
std::string format(const char* pattern, Values... values) {
    std::array<char, 64> out{};
    std::snprintf(out.data(), out.size(), pattern, values...);
    return out.data();
}

/// Reads exactly `digits` digits at `text[at]`, or -1.
int number(std::string_view text, std::size_t at, std::size_t digits) {
    if (at + digits > text.size()) return -1;
    int value = 0;
    for (std::size_t i = at; i < at + digits; ++i) {
        if (text[i] < '0' || text[i] > '9') return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

}  // namespace

WallTime SystemClock::now() const { return time_point_cast<milliseconds>(system_clock::now()); }

std::string rfc3339(WallTime at) {
    const auto [date, time] = parts_of(at);
    return format("%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
}

std::string compact_time(WallTime at) {
    const auto [date, time] = parts_of(at);
    return format("%04d%02u%02u_%02d%02d%02d", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()));
}

std::string date_of(WallTime at) { return rfc3339(at).substr(0, 10); }

Result<WallTime> parse_rfc3339(std::string_view text) {
    const auto bad = [&](const char* why) {
        return invalid("expected an RFC 3339 time such as 2026-11-22T14:02:03+00:00, got '" +
                       std::string(text.substr(0, 64)) + "' (" + why + ")");
    };
    if (text.size() < 20 || text[4] != '-' || text[7] != '-' ||
        (text[10] != 'T' && text[10] != 't' && text[10] != ' ') || text[13] != ':' || text[16] != ':')
        return bad("not date, T, time and offset");
    const int y = number(text, 0, 4), mo = number(text, 5, 2), d = number(text, 8, 2);
    const int h = number(text, 11, 2), mi = number(text, 14, 2), s = number(text, 17, 2);
    if (y < 0 || h < 0 || h > 23 || mi < 0 || mi > 59 || s < 0 || s > 60 || mo < 0 || d < 0)
        return bad("a field is out of range");
    const year_month_day date{year{y}, month{static_cast<unsigned>(mo)}, day{static_cast<unsigned>(d)}};
    if (!date.ok()) return bad("no such day");

    std::size_t at = 19;
    int ms = 0;
    if (text[at] == '.') {
        if (number(text, ++at, 1) < 0) return bad("a digit has to follow the point");
        int scale = 100;
        for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, scale /= 10)
            ms += scale * (text[at] - '0');
    }
    minutes offset{0};
    if (at + 1 == text.size() && (text[at] == 'Z' || text[at] == 'z')) {
        // UTC
    } else if (at + 6 == text.size() && (text[at] == '+' || text[at] == '-') && text[at + 3] == ':') {
        const int oh = number(text, at + 1, 2), om = number(text, at + 4, 2);
        if (oh < 0 || oh > 23 || om < 0 || om > 59) return bad("the offset is out of range");
        offset = minutes{(oh * 60 + om) * (text[at] == '-' ? -1 : 1)};
    } else {
        return bad("the offset is missing; write Z or +hh:mm");
    }
    return WallTime{sys_days{date} + hours{h} + minutes{mi} + seconds{s} + milliseconds{ms} - offset};
}

}  // namespace casefile
