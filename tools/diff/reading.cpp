#include "tools/diff/reading.h"

#include <locale.h>
#include <wctype.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "base/text.h"
#include "tools/diff/decimal.h"

namespace casefile::tools::diff {
namespace {

using Kind = Value::Kind;

template <std::size_t Count>
bool is_one_of(std::string_view text, const std::array<std::string_view, Count>& words) {
    return std::any_of(words.begin(), words.end(),
                       [&](auto word) { return equals_ignoring_case(text, word); });
}

/// The case of every script, whatever the locale of the process is.
locale_t letters() {
    static const locale_t one = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return one;
}

void append_utf8(std::string& out, std::uint32_t c) {
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += static_cast<char>(0xC0 | c >> 6);
        out += static_cast<char>(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        out += static_cast<char>(0xE0 | c >> 12);
        out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
        out += static_cast<char>(0x80 | (c & 0x3F));
    } else {
        out += static_cast<char>(0xF0 | c >> 18);
        out += static_cast<char>(0x80 | (c >> 12 & 0x3F));
        out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
        out += static_cast<char>(0x80 | (c & 0x3F));
    }
}

/// Bytes that are no text stay as they are.
std::string folded(const std::string& text) {
    if (!is_utf8(text) || letters() == nullptr) return lower(text);
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto lead = static_cast<unsigned char>(text[at]);
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        std::uint32_t c = length == 1 ? lead : lead & (0xFFU >> (length + 1));
        for (std::size_t i = 1; i < length; ++i)
            c = c << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
        append_utf8(out, static_cast<std::uint32_t>(::towlower_l(static_cast<wint_t>(c), letters())));
        at += length;
    }
    return out;
}

std::optional<bool> truth_in(std::string_view text) {
    using namespace std::string_view_literals;
    static constexpr std::array yes = {"true"sv, "yes"sv, "y"sv, "t"sv, "on"sv, "1"sv, "\x01"sv};
    static constexpr std::array no = {"false"sv, "no"sv, "n"sv, "f"sv, "off"sv, "0"sv, "\0"sv};
    if (is_one_of(text, yes)) return true;
    if (is_one_of(text, no)) return false;
    return std::nullopt;
}

/// The moment so many seconds after 1970, in UTC; nothing where its year has not four digits.
std::optional<std::string> moment_at(std::int64_t seconds, const std::string& fraction) {
    constexpr std::int64_t year_zero = -62'167'219'200, year_ten_thousand = 253'402'300'800;
    if (seconds < year_zero || seconds >= year_ten_thousand) return std::nullopt;
    const std::chrono::sys_seconds at{std::chrono::seconds(seconds)};
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(at - day);
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d", int(date.year()),
                  unsigned(date.month()), unsigned(date.day()), int(time.hours().count()),
                  int(time.minutes().count()), int(time.seconds().count()));
    return text.data() + (fraction.empty() ? "" : "." + fraction) + "Z";
}

/// What is missing to the next whole: "25" for "75", as the fraction of a time counts forwards.
std::string rest_of(std::string fraction) {
    while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
    for (auto& digit : fraction) digit = static_cast<char>('9' - (digit - '0'));
    if (!fraction.empty()) ++fraction.back();
    return fraction;
}

/// "1795356001.5" with its point moved, as a moment in UTC; nothing for what is no such number.
std::optional<std::string> moment_of(std::string_view number, std::size_t digits) {
    if (!is_plain_number(number)) return std::nullopt;
    const bool before_1970 = number.starts_with('-');
    if (before_1970) number.remove_prefix(1);
    const auto point = number.find('.');
    auto whole = std::string(number.substr(0, point));
    auto fraction = point == std::string_view::npos ? std::string() : std::string(number.substr(point + 1));
    if (whole.size() <= digits) whole.insert(0, digits + 1 - whole.size(), '0');
    fraction.insert(0, whole.substr(whole.size() - digits));
    whole.resize(whole.size() - digits);
    std::int64_t seconds = 0;
    const auto [end, failure] = std::from_chars(whole.data(), whole.data() + whole.size(), seconds);
    if (failure != std::errc() || end != whole.data() + whole.size()) return std::nullopt;
    if (!before_1970) return moment_at(seconds, fraction);
    fraction = rest_of(std::move(fraction));
    return moment_at(fraction.empty() ? -seconds : -seconds - 1, fraction);
}

std::string element_of(const Reading& reading, const ExactJson& item) {
    if (item.kind == ExactJson::Kind::object || item.kind == ExactJson::Kind::array)
        return item.normal_form();
    auto value = value_of(item);
    if (reading.trim) value.text = trim(value.text);
    if (reading.ignore_case) value.text = folded(value.text);
    if (item.kind == ExactJson::Kind::number || is_plain_number(value.text))
        if (const auto number = Decimal::parse(value.text)) return number->text();
    return value.text;
}

/// The elements in one order, each once, as a JSON array of texts.
std::optional<Value> set_in(const Reading& reading, const Value& value) {
    ExactJson list;
    if (auto document = ExactJson::parse(value.text); document && document->kind == ExactJson::Kind::array)
        list = *std::move(document);
    else if (value.is_text())
        for (const auto& part : split(value.text, ',')) {
            if (trim(part).empty()) continue;
            auto& item = list.items.emplace_back();
            item.kind = ExactJson::Kind::text;
            item.text = trim(part);
        }
    else
        return std::nullopt;
    std::vector<std::string> elements;
    for (const auto& item : list.items) elements.push_back(element_of(reading, item));
    std::sort(elements.begin(), elements.end());
    elements.erase(std::unique(elements.begin(), elements.end()), elements.end());
    ExactJson set;
    set.kind = ExactJson::Kind::array;
    for (auto& element : elements) {
        auto& item = set.items.emplace_back();
        item.kind = ExactJson::Kind::text;
        item.text = std::move(element);
    }
    return value_of(set);
}

}  // namespace

Result<Reading> parse_reading(std::string_view field, std::string_view words) {
    Reading out;
    auto text = std::string(words);
    std::replace(text.begin(), text.end(), ',', ' ');
    for (const auto& word : split(text, ' ')) {
        if (word.empty()) continue;
        if (word == "trim") {
            out.trim = true;
        } else if (word == "case") {
            out.ignore_case = true;
        } else if (word == "set") {
            out.set = true;
        } else if (word == "bool") {
            out.truth = true;
        } else if (word == "null") {
            out.null = true;
        } else if (word == "epoch_s" || word == "epoch_ms" || word == "epoch_us") {
            out.epoch_digits = word == "epoch_s" ? 0 : word == "epoch_ms" ? 3 : 6;
        } else {
            return invalid("compare.read_as." + printable(shorten(field, 64)) +
                               ": expected words of trim, case, set, bool, null, epoch_s, epoch_ms, "
                               "epoch_us, got '" +
                               printable(shorten(word, 40)) + "'",
                           R"(for example {"tags": "set case", "created_at": "epoch_ms"})");
        }
    }
    return out;
}

std::string words_of(const Reading& reading) {
    std::vector<std::string> words;
    if (reading.trim) words.emplace_back("trim");
    if (reading.ignore_case) words.emplace_back("case");
    if (reading.set) words.emplace_back("set");
    if (reading.truth) words.emplace_back("bool");
    if (reading.null) words.emplace_back("null");
    if (reading.epoch_digits >= 0)
        words.emplace_back(reading.epoch_digits == 0   ? "epoch_s"
                           : reading.epoch_digits == 3 ? "epoch_ms"
                                                       : "epoch_us");
    return join(words, " ");
}

Value read_as(const Reading& reading, const Value& value) {
    using namespace std::string_view_literals;
    if (value.is_absent() || value.kind == Kind::null || value.kind == Kind::other_type) return value;
    Value out = value;
    if (reading.trim && out.is_text()) out.text = trim(value.text);
    static constexpr std::array nothing = {""sv, "null"sv, "\\N"sv, "none"sv, "nil"sv};
    if (reading.null && out.is_text() && is_one_of(out.text, nothing)) return {Kind::null};
    if (reading.truth && (out.is_text() || out.kind == Kind::number))
        if (const auto truth = truth_in(out.text)) return {Kind::boolean, *truth ? "true" : "false"};
    if (reading.epoch_digits >= 0 && (out.is_text() || out.kind == Kind::number))
        if (auto moment = moment_of(out.text, static_cast<std::size_t>(reading.epoch_digits)))
            return {Kind::text, *std::move(moment)};
    if (reading.set)
        if (auto set = set_in(reading, out)) return *std::move(set);
    if (reading.ignore_case && out.is_text()) out.text = folded(out.text);
    return out;
}

}  // namespace casefile::tools::diff
