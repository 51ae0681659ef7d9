#include "cases/zone.h"

#include <fstream>
#include <vector>

#include "base/text.h"

namespace casefile::cases {
namespace {

using std::chrono::seconds;

constexpr const char* database = "/usr/share/zoneinfo/";
constexpr std::size_t file_bytes_max = 262'144;

/// "+02:00", "UTC+2", "-0530".
std::optional<seconds> fixed_offset(std::string_view zone) {
    if (equals_ignoring_case(zone, "UTC") || equals_ignoring_case(zone, "GMT") || zone == "Z")
        return seconds(0);
    if (zone.starts_with("UTC") || zone.starts_with("GMT")) zone.remove_prefix(3);
    if (zone.size() < 2 || (zone[0] != '+' && zone[0] != '-')) return std::nullopt;
    std::string digits;
    for (const char c : zone.substr(1)) {
        if (c == ':') continue;
        if (c < '0' || c > '9') return std::nullopt;
        digits += c;
    }
    if (digits.empty() || digits.size() > 4) return std::nullopt;
    if (digits.size() < 3) digits += "00";
    const int number = std::stoi(digits);
    if (number / 100 > 14 || number % 100 > 59) return std::nullopt;
    const seconds offset(number / 100 * 3600 + number % 100 * 60);
    return zone[0] == '-' ? -offset : offset;
}

/// One file of the zone database (RFC 8536): big-endian numbers, read with bounds.
class ZoneFile {
  public:
    explicit ZoneFile(std::string bytes) : bytes_(std::move(bytes)) {}

    std::optional<seconds> offset_at(std::int64_t second) {
        if (!header() || version_ < '2') return std::nullopt;
        // The first block is for readers of 32 bits; the second says the same with 64.
        at_ += times_ * 4 + times_ + types_ * 6 + chars_ + leaps_ * 8 + standards_ + utcs_;
        if (!header()) return std::nullopt;
        const auto transitions = at_, indexes = transitions + times_ * 8, types = indexes + times_;
        if (types + types_ * 6 > bytes_.size() || types_ == 0) return std::nullopt;
        std::size_t type = 0;
        std::size_t passed = 0;
        while (passed < times_ && number(transitions + passed * 8, 8) <= second) ++passed;
        if (passed > 0) type = static_cast<unsigned char>(bytes_[indexes + passed - 1]);
        // Behind the last change a rule may hold, which is not read here.
        if (type >= types_ || (times_ > 0 && passed == times_ && has_rule(types + types_ * 6)))
            return std::nullopt;
        return seconds(static_cast<std::int32_t>(number(types + type * 6, 4)));
    }

  private:
    std::int64_t number(std::size_t at, std::size_t bytes) const {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < bytes; ++i)
            value = value << 8 | static_cast<unsigned char>(bytes_[at + i]);
        return static_cast<std::int64_t>(value);
    }
    bool header() {
        constexpr std::size_t size = 44;
        if (at_ + size > bytes_.size() || bytes_.compare(at_, 4, "TZif") != 0) return false;
        version_ = bytes_[at_ + 4];
        std::size_t* counts[] = {&utcs_, &standards_, &leaps_, &times_, &types_, &chars_};
        for (std::size_t i = 0; i < 6; ++i)
            *counts[i] = static_cast<std::size_t>(number(at_ + 20 + i * 4, 4));
        at_ += size;
        return times_ < file_bytes_max && types_ < 256 && chars_ < file_bytes_max && leaps_ < file_bytes_max;
    }
    bool has_rule(std::size_t after_types) const {
        const auto footer = after_types + chars_ + leaps_ * 12 + standards_ + utcs_;
        return footer < bytes_.size() && bytes_.find(',', footer) != std::string::npos;
    }

    std::string bytes_;
    std::size_t at_ = 0, utcs_ = 0, standards_ = 0, leaps_ = 0, times_ = 0, types_ = 0, chars_ = 0;
    char version_ = 0;
};

bool is_zone_name(std::string_view zone) {
    if (zone.empty() || zone.size() > 64 || zone.front() == '/' || zone.find("..") != std::string_view::npos)
        return false;
    return zone.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") ==
           std::string_view::npos;
}

}  // namespace

std::optional<seconds> offset_in(const std::string& told, WallTime at) {
    const auto zone = std::string(trim(told));
    if (const auto fixed = fixed_offset(zone)) return fixed;
    if (!is_zone_name(zone)) return std::nullopt;
    std::ifstream in(database + zone, std::ios::binary);
    if (!in) return std::nullopt;
    std::string bytes(file_bytes_max, '\0');
    in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
    return ZoneFile(std::move(bytes)).offset_at(std::chrono::floor<seconds>(at).time_since_epoch().count());
}

std::string shown_in(const std::string& zone, const std::string& told) {
    const auto at = parse_rfc3339(told);
    const auto offset = at ? offset_in(zone, *at) : std::nullopt;
    if (!offset) return told;
    const auto local = rfc3339(*at + *offset);  // "2026-11-22T15:23:00.000Z"
    auto text = local.substr(0, 19);
    const auto minutes = std::abs(offset->count()) / 60;
    const auto two = [](std::int64_t number) { return (number < 10 ? "0" : "") + std::to_string(number); };
    return text + (offset->count() < 0 ? "-" : "+") + two(minutes / 60) + ":" + two(minutes % 60);
}

std::string written_in(const std::string& zone, const std::string& told) {
    if (!parse_rfc3339(told)) return told;
    const auto shown = shown_in(zone, told);
    const auto rest = shown.substr(std::min<std::size_t>(shown.size(), 19));
    const auto offset = rest.find_first_of("+-Zz");
    const bool utc = offset == std::string::npos || rest[offset] == 'Z' || rest[offset] == 'z' ||
                     rest.substr(offset) == "+00:00";
    return shown.substr(0, 10) + " " + shown.substr(11, 8) + " " + (utc ? "UTC" : rest.substr(offset));
}

}  // namespace casefile::cases
