#include "cases/slo.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>

namespace casefile::cases {

ErrorBudget error_budget(double target_percent, double period_hours, double downtime_minutes) {
    const double period_minutes = period_hours * 60;
    ErrorBudget budget;
    budget.minutes = period_minutes * (100 - target_percent) / 100;
    budget.minutes_left = budget.minutes - downtime_minutes;
    budget.used_percent = budget.minutes > 0 ? 100 * downtime_minutes / budget.minutes : 0;
    budget.availability_percent = 100 * (1 - downtime_minutes / period_minutes);
    return budget;
}

double improvement(double before, double after) {
    if (before == 0 || after == 0) return 0;
    const double factor = before / after;
    return factor >= 1 ? factor : -1 / factor;
}

std::vector<std::int64_t> shares(const std::vector<double>& counts) {
    const double total = std::accumulate(counts.begin(), counts.end(), 0.0);
    std::vector<std::int64_t> out(counts.size(), 0);
    if (total <= 0) return out;
    std::vector<std::size_t> order(counts.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::int64_t given = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        out[i] = static_cast<std::int64_t>(std::floor(100 * counts[i] / total));
        given += out[i];
    }
    const auto remainder = [&](std::size_t i) {
        return 100 * counts[i] / total - static_cast<double>(out[i]);
    };
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t one, std::size_t other) { return remainder(one) > remainder(other); });
    for (std::size_t i = 0; given < 100 && i < order.size(); ++i, ++given) ++out[order[i]];
    return out;
}

double accumulated(double rate, bool per_hour, double minutes) {
    return per_hour ? rate * minutes / 60 : rate * minutes;
}

std::string number_text(double number, int decimals_max) {
    std::array<char, 400> buffer{};
    const int length = std::snprintf(buffer.data(), buffer.size(), "%.*f", decimals_max, number);
    std::string text(buffer.data(), static_cast<std::size_t>(std::max(length, 0)));
    if (text.find('.') != std::string::npos) {
        while (text.ends_with('0')) text.pop_back();
        if (text.ends_with('.')) text.pop_back();
    }
    return text == "-0" ? "0" : text;
}

std::string grouped_text(double number, int decimals_max) {
    auto text = number_text(number, decimals_max);
    const auto first = text.starts_with('-') ? std::size_t{1} : std::size_t{0};
    auto at = std::min(text.find('.'), text.size());
    while (at > first + 3) {
        at -= 3;
        text.insert(at, ",");
    }
    return text;
}

}  // namespace casefile::cases
