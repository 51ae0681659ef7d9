#include "tools/diff/exact_json.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "tools/diff/decimal.h"

namespace casefile::tools::diff {
namespace {

constexpr std::size_t depth_max = 64;

/// Builds the tree as the parser calls. Nothing is refused here: the parser knows the grammar.
class Builder {
  public:
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);

    using Text = json::string_view;
    using Failure = json::error_code;

    bool on_document_begin(Failure&) { return true; }
    bool on_document_end(Failure&) { return true; }
    bool on_object_begin(Failure&) { return begin(ExactJson::Kind::object); }
    bool on_object_end(std::size_t, Failure&) { return end(); }
    bool on_array_begin(Failure&) { return begin(ExactJson::Kind::array); }
    bool on_array_end(std::size_t, Failure&) { return end(); }
    bool on_key_part(Text part, std::size_t, Failure&) { return more(part); }
    bool on_key(Text part, std::size_t, Failure&) {
        more(part);
        names_.push_back(std::move(pending_));
        pending_.clear();
        return true;
    }
    bool on_string_part(Text part, std::size_t, Failure&) { return more(part); }
    bool on_string(Text part, std::size_t, Failure&) { return leaf(ExactJson::Kind::text, part); }
    bool on_number_part(Text part, Failure&) { return more(part); }
    bool on_int64(std::int64_t, Text part, Failure&) { return leaf(ExactJson::Kind::number, part); }
    bool on_uint64(std::uint64_t, Text part, Failure&) { return leaf(ExactJson::Kind::number, part); }
    bool on_double(double, Text part, Failure&) { return leaf(ExactJson::Kind::number, part); }
    bool on_bool(bool value, Failure&) { return leaf(ExactJson::Kind::boolean, value ? "true" : "false"); }
    bool on_null(Failure&) { return leaf(ExactJson::Kind::null, ""); }
    bool on_comment_part(Text, Failure&) { return true; }
    bool on_comment(Text, Failure&) { return true; }

    ExactJson take() { return std::move(root_); }

  private:
    bool more(Text part) {
        pending_.append(part.data(), part.size());
        return true;
    }
    bool leaf(ExactJson::Kind kind, Text part) {
        more(part);
        ExactJson value;
        value.kind = kind;
        value.text = std::move(pending_);
        pending_.clear();
        put(std::move(value));
        return true;
    }
    bool begin(ExactJson::Kind kind) {
        ExactJson value;
        value.kind = kind;
        open_.push_back(std::move(value));
        return true;
    }
    bool end() {
        ExactJson value = std::move(open_.back());
        open_.pop_back();
        put(std::move(value));
        return true;
    }
    void put(ExactJson value) {
        if (open_.empty()) {
            root_ = std::move(value);
        } else if (open_.back().kind == ExactJson::Kind::array) {
            open_.back().items.push_back(std::move(value));
        } else {
            open_.back().members.push_back({std::move(names_.back()), std::move(value)});
            names_.pop_back();
        }
    }

    ExactJson root_;
    std::vector<ExactJson> open_;
    std::vector<std::string> names_;
    std::string pending_;
};

void write_text(std::string& out, std::string_view text) { out += json::serialize(json::string_view(text)); }

void write(std::string& out, const ExactJson& value, bool by_value) {
    switch (value.kind) {
        case ExactJson::Kind::null:
            out += "null";
            return;
        case ExactJson::Kind::boolean:
            out += value.text;
            return;
        case ExactJson::Kind::text:
            write_text(out, value.text);
            return;
        case ExactJson::Kind::number: {
            const auto number = by_value ? Decimal::parse(value.text) : std::nullopt;
            out += number ? number->text() : value.text;
            return;
        }
        case ExactJson::Kind::array: {
            out += '[';
            for (std::size_t i = 0; i < value.items.size(); ++i) {
                if (i > 0) out += ',';
                write(out, value.items[i], by_value);
            }
            out += ']';
            return;
        }
        case ExactJson::Kind::object:
            break;
    }
    std::vector<const ExactJson::Member*> sorted;
    for (const auto& one : value.members) sorted.push_back(&one);
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto* l, const auto* r) { return l->name < r->name; });
    out += '{';
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        if (i + 1 < sorted.size() && sorted[i]->name == sorted[i + 1]->name) continue;
        if (out.back() != '{') out += ',';
        write_text(out, sorted[i]->name);
        out += ':';
        write(out, sorted[i]->value, by_value);
    }
    out += '}';
}

}  // namespace

std::optional<ExactJson> ExactJson::parse(std::string_view text) {
    text = trim(text);
    if (text.empty()) return std::nullopt;
    json::parse_options options;
    options.max_depth = depth_max;
    json::basic_parser<Builder> parser(options);
    json::error_code failure;
    const auto used = parser.write_some(false, text.data(), text.size(), failure);
    if (failure || used != text.size()) return std::nullopt;
    return parser.handler().take();
}

const ExactJson* ExactJson::at(std::string_view path) const {
    if (const auto* found = member(path)) return found;
    for (auto dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1))
        if (const auto* first = member(path.substr(0, dot)))
            if (const auto* found = first->at(path.substr(dot + 1))) return found;
    return nullptr;
}

const ExactJson* ExactJson::member(std::string_view name) const {
    const auto found =
        std::find_if(members.rbegin(), members.rend(), [&](const auto& one) { return one.name == name; });
    return found == members.rend() ? nullptr : &found->value;
}

std::string ExactJson::written() const {
    std::string out;
    write(out, *this, false);
    return out;
}

std::string ExactJson::normal_form() const {
    std::string out;
    write(out, *this, true);
    return out;
}

}  // namespace casefile::tools::diff
