#include "tools/diff/value.h"

#include "base/text.h"

namespace casefile::tools::diff {

Value value_of(const ExactJson& json) {
    switch (json.kind) {
        case ExactJson::Kind::null:
            return {Value::Kind::null};
        case ExactJson::Kind::boolean:
            return {Value::Kind::boolean, json.text};
        case ExactJson::Kind::number:
            return {Value::Kind::number, json.text};
        case ExactJson::Kind::text:
            return {Value::Kind::text, json.text};
        case ExactJson::Kind::object:
            return {Value::Kind::object, json.written()};
        case ExactJson::Kind::array:
            return {Value::Kind::array, json.written()};
    }
    return {};
}

json::value shown(const Value& value, std::size_t bytes_max) {
    if (value.is_absent() || value.kind == Value::Kind::null) return nullptr;
    if (value.kind == Value::Kind::other_type) return json::value("(" + value.text + ")");
    const bool bytes = !is_utf8(value.text);
    return json::value(shorten(bytes ? "base64:" + to_base64(value.text) : value.text, bytes_max));
}

}  // namespace casefile::tools::diff
