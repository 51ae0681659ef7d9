#include "cases/figures.h"

#include "base/text.h"
#include "cases/markdown.h"
#include "cases/slo.h"
#include "cases/told.h"

namespace casefile::cases {

bool is_money(const std::string& unit) {
    const bool code = unit.size() == 3 && unit == upper(unit) && unit != lower(unit);
    return code || unit == "$" || unit == "€" || unit == "£";
}

std::vector<Figure> figures(const CaseState& state) {
    std::vector<Figure> out;
    for (const auto& entry : newest_of(state, "figure")) {
        Figure figure;
        figure.name = member_of(entry, "name");
        figure.unit = member_of(entry, "unit");
        figure.method = member_of(entry, "method");
        figure.estimate = member_of(entry, "estimate") == "true";
        figure.evidence = entry.evidence;
        const auto* value = entry.value.if_object();
        const auto* amount = value == nullptr ? nullptr : member(*value, "amount");
        if (amount == nullptr || !amount->is_number()) continue;
        figure.amount = amount->to_number<double>();
        out.push_back(std::move(figure));
    }
    return out;
}

std::string method_of(const Figure& figure) {
    if (figure.method.empty()) return {};
    return std::string(figure.estimate ? " (estimate: " : " (") +
           inline_text(shorten(trim(figure.method), 400)) + ")";
}

std::string amount_text(const Figure& figure) {
    if (!is_money(figure.unit))
        return grouped_text(figure.amount, 2) + (figure.unit.empty() ? "" : " " + figure.unit);
    auto text = grouped_text(figure.amount, 2);
    const auto point = text.find('.');
    if (point == std::string::npos)
        text += ".00";
    else if (text.size() - point == 2)
        text += "0";
    return figure.unit + (figure.unit.size() == 3 && is_utf8(figure.unit) && figure.unit[0] > 0 ? " " : "") +
           text;
}

}  // namespace casefile::cases
