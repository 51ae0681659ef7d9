#include "tools/diff/json_side.h"

#include <algorithm>

#include "base/text.h"

namespace casefile::tools::diff {

Result<std::vector<ExactJson>> JsonSide::records() const {
    auto document = ExactJson::parse(text_);
    const auto is_object = [](const ExactJson& one) { return one.kind == ExactJson::Kind::object; };
    if (document && is_object(*document)) return std::vector<ExactJson>{*std::move(document)};
    if (!document || document->kind != ExactJson::Kind::array ||
        !std::all_of(document->items.begin(), document->items.end(), is_object))
        return invalid(name_ + ": expected one JSON object, or an array of objects",
                       R"(for example [{"id": 7, "price": "12.50"}])");
    return std::move(document->items);
}

Result<Record> JsonSide::record_of(const ExactJson& object, const std::vector<std::string>& wanted) const {
    Record record;
    for (const auto& field : key_fields_) {
        const auto* part = object.at(field);
        if (part == nullptr || part->kind == ExactJson::Kind::null)
            return invalid(
                name_ + ": key field '" + printable(shorten(field, 64)) + "' is not in every record",
                "give each record its key");
        record.key.push_back(value_of(*part).text);
    }
    for (const auto& field : wanted) {
        const auto* found = object.at(field);
        record.values.push_back(found == nullptr ? Value{} : value_of(*found));
    }
    return record;
}

Result<void> JsonSide::stream(RecordSink& sink, const sources::Control&) {
    const auto objects = records();
    if (!objects) return objects.error();
    std::vector<std::string> names;
    for (const auto& object : *objects)
        for (const auto& [name, value] : object.members)
            if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    const auto wanted = sink.choose(names);
    if (!wanted) return wanted.error();
    for (const auto& object : *objects) {
        auto record = record_of(object, *wanted);
        if (!record) return record.error();
        auto more = sink.take(*std::move(record));
        if (!more) return more.error();
        if (!*more) return {};
    }
    return {};
}

Result<std::vector<std::optional<Record>>> JsonSide::look_up(const std::vector<Key>&,
                                                             const sources::Control&) {
    return internal(name_ + ": a document does not change and is not read again");
}

}  // namespace casefile::tools::diff
