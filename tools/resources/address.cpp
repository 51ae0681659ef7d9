#include "tools/resources/address.h"

#include <array>
#include <tuple>

#include "base/ids.h"
#include "base/text.h"
#include "evidence/attachments.h"
#include "evidence/files.h"

namespace casefile::tools::resources {
namespace {

constexpr std::string_view root = "casefile://cases/";
constexpr std::size_t uri_bytes_max = 1'024;

/// One segment of a path: everything but the unreserved characters of RFC 3986 is encoded, as the expansion
/// of a template encodes it.
std::string encoded(std::string_view segment) {
    std::string out;
    for (const char c : segment) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           c == '-' || c == '.' || c == '_' || c == '~';
        out += plain ? std::string(1, c) : "%" + upper(to_hex(std::string_view(&c, 1)));
    }
    return out;
}

std::optional<Address> address_of(const std::vector<std::string>& parts) {
    using Kind = Address::Kind;
    const auto count = parts.size();
    if (!is_case_id(parts[0]) && !parse_imported_id(parts[0])) return std::nullopt;
    if (count == 1) return Address{Kind::record, parts[0]};
    if (count == 2 && parts[1] == "log") return Address{Kind::log, parts[0]};
    if (count == 2 && parts[1] == "timeline") return Address{Kind::timeline, parts[0]};
    if (count == 3 && parts[1] == "drafts" && is_slug(parts[2], 40))
        return Address{Kind::draft, parts[0], {}, parts[2]};
    if (count == 3 && parts[1] == "attachments" && evidence::is_attachment_name(parts[2]))
        return Address{Kind::attachment, parts[0], {}, parts[2]};
    if (count < 4 || parts[1] != "runs" || !is_run_id(parts[2])) return std::nullopt;
    if (count == 4 && parts[3] == "manifest") return Address{Kind::manifest, parts[0], parts[2]};
    if (count == 5 && parts[3] == "files" && evidence::is_plain_name(parts[4]))
        return Address{Kind::file, parts[0], parts[2], parts[4]};
    return std::nullopt;
}

}  // namespace

const char* name_of(Address::Kind kind) {
    switch (kind) {
        case Address::Kind::record:
            return "record";
        case Address::Kind::log:
            return "log";
        case Address::Kind::timeline:
            return "timeline";
        case Address::Kind::draft:
            return "draft";
        case Address::Kind::attachment:
            return "attachment";
        case Address::Kind::manifest:
            return "manifest";
        case Address::Kind::file:
            return "file";
    }
    return "";
}

std::string uri_of(const Address& address) {
    const auto of_case = std::string(root) + encoded(address.case_id);
    switch (address.kind) {
        case Address::Kind::record:
            return of_case;
        case Address::Kind::log:
            return of_case + "/log";
        case Address::Kind::timeline:
            return of_case + "/timeline";
        case Address::Kind::draft:
            return of_case + "/drafts/" + encoded(address.name);
        case Address::Kind::attachment:
            return of_case + "/attachments/" + encoded(address.name);
        case Address::Kind::manifest:
            return of_case + "/runs/" + encoded(address.run) + "/manifest";
        case Address::Kind::file:
            return of_case + "/runs/" + encoded(address.run) + "/files/" + encoded(address.name);
    }
    return {};
}

std::optional<Address> parse_address(std::string_view uri) {
    if (uri.size() > uri_bytes_max || !uri.starts_with(root)) return std::nullopt;
    std::vector<std::string> parts;
    for (const auto& segment : split(uri.substr(root.size()), '/'))
        if (!percent_decode(segment, parts.emplace_back())) return std::nullopt;
    auto address = address_of(parts);
    if (!address || uri_of(*address) != uri) return std::nullopt;
    return address;
}

bool is_newer(const std::string& case_id, const std::string& than) {
    constexpr std::size_t day_length = std::string_view("INC-2026-11-22").size();
    const auto order = [](const std::string& id) {
        return std::tuple(std::string_view(id).substr(0, day_length), id.size(), std::string_view(id));
    };
    return order(case_id) > order(than);
}

std::string mime_type_of(std::string_view file_name) {
    constexpr std::array types = {std::pair(".json", "application/json"), std::pair(".csv", "text/csv"),
                                  std::pair(".sql", "application/sql"),   std::pair(".md", "text/markdown"),
                                  std::pair(".log", "text/plain"),        std::pair(".txt", "text/plain"),
                                  std::pair(".redis", "text/plain")};
    for (const auto& [ending, type] : types)
        if (file_name.ends_with(ending)) return type;
    return "application/octet-stream";
}

}  // namespace casefile::tools::resources
