#pragma once
// What an incident cost, in numbers. Each has a run behind it, or says that it is an estimate and how it was
// made.

#include "cases/case.h"

namespace casefile::cases {

struct Figure {
    std::string name, unit, method;  ///< method: how it was made; empty where a run says it
    double amount = 0;
    bool estimate = false;
    std::vector<std::string> evidence;  ///< run ids
};

/// The newest of each name, in the order in which they were first told.
std::vector<Figure> figures(const CaseState& state);

/// "USD", "$", "€": an amount of it has cents; what else is counted is whole.
bool is_money(const std::string& unit);

/// " (estimate: support's count)", " (225 per minute for 23 min)", as Markdown: how a reader can make the
/// amount again. Empty where a run says it all.
std::string method_of(const Figure& figure);

/// "8,050 users", "5,175 requests", "USD 172.50": as people write it.
std::string amount_text(const Figure& figure);

}  // namespace casefile::cases
