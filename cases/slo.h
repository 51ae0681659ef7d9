#pragma once
// The arithmetic of reliability. Pure: numbers in, numbers out.

#include <cstdint>
#include <string>
#include <vector>

namespace casefile::cases {

struct ErrorBudget {
    double minutes = 0;       ///< what the target allows in the period
    double used_percent = 0;  ///< of the budget
    double minutes_left = 0;  ///< below zero when it is overspent
    double availability_percent = 0;
};
/// `target_percent` within 0..100, `period_hours` above 0.
ErrorBudget error_budget(double target_percent, double period_hours, double downtime_minutes);

/// How many times smaller `after` is; where it grew, how many times larger, with a minus. 0 when one of them
/// is 0.
double improvement(double before, double after);

/// Whole percents that sum to 100 (largest remainder first); all 0 when the counts sum to 0.
std::vector<std::int64_t> shares(const std::vector<double>& counts);

/// An amount that goes on at a rate: `rate` per minute or, with `per_hour`, per hour.
double accumulated(double rate, bool per_hour, double minutes);

/// At most `decimals_max` decimals, without trailing zeros: "43.8", "23".
std::string number_text(double number, int decimals_max);
/// The same with groups of three: "8,050".
std::string grouped_text(double number, int decimals_max);

}  // namespace casefile::cases
