// Replays tests/conformance/*.jsonl, message by message. The first line of a transcript is its promise; the
// others are what the client says (`client`, or `client_text` for what is no JSON) and, whole and in order,
// what casefile answers.

#include <filesystem>
#include <fstream>

#include "tests/unit/mcp/fakes.h"

using namespace casefile;
using namespace casefile::mcp;
using namespace casefile::mcp::test;

namespace {

/// "<any>" stands for anything; another text such as "<state>" for what the first answer had in its place.
class Placeholders {
  public:
    static bool is_placeholder(const json::value& value) {
        return value.is_string() && value.get_string().starts_with('<') && value.get_string().ends_with('>');
    }

    bool matches(const json::value& expected, const json::value& got) {
        if (is_placeholder(expected)) {
            if (expected.get_string() == "<any>") return true;
            return known_.try_emplace(std::string(expected.get_string()), got).first->second == got;
        }
        if (expected.is_object() && got.is_object()) {
            const auto& members = expected.get_object();
            if (members.size() != got.get_object().size()) return false;
            for (const auto& pair : members) {
                const auto* other = got.get_object().if_contains(pair.key());
                if (other == nullptr || !matches(pair.value(), *other)) return false;
            }
            return true;
        }
        if (expected.is_array() && got.is_array()) {
            const auto &left = expected.get_array(), &right = got.get_array();
            if (left.size() != right.size()) return false;
            for (std::size_t i = 0; i < left.size(); ++i)
                if (!matches(left[i], right[i])) return false;
            return true;
        }
        return expected == got;
    }

    json::value filled(const json::value& value) const {
        if (is_placeholder(value)) {
            const auto found = known_.find(std::string(value.get_string()));
            return found == known_.end() ? value : found->second;
        }
        if (value.is_object()) {
            json::object out;
            for (const auto& pair : value.get_object()) out[pair.key()] = filled(pair.value());
            return out;
        }
        if (value.is_array()) {
            json::array out;
            for (const auto& item : value.get_array()) out.push_back(filled(item));
            return out;
        }
        return value;
    }

  private:
    std::map<std::string, json::value> known_;
};

void replay(const std::filesystem::path& file) {
    Conversation conversation;
    Placeholders placeholders;
    std::ifstream lines(file);
    std::string line;
    REQUIRE(std::getline(lines, line));
    const auto promise = string_or(parse(line), "promise");
    REQUIRE_FALSE(promise.empty());
    INFO(file.filename().string() << ": " << promise);

    for (int number = 2; std::getline(lines, line); ++number) {
        INFO("line " << number);
        const auto step = parse(line);
        if (const auto* message = step.if_contains("client")) {
            conversation.say(json::serialize(placeholders.filled(*message)));
        } else if (const auto* text = step.if_contains("client_text")) {
            conversation.say(std::string_view(text->as_string()));
        } else {
            const auto got = parse_json(conversation.hear_text());
            REQUIRE(got);
            INFO("expected " << json::serialize(placeholders.filled(step.at("server"))));
            INFO("got      " << json::serialize(*got));
            REQUIRE(placeholders.matches(step.at("server"), *got));
        }
    }
    conversation.server->end(std::chrono::seconds(20));
    CHECK(conversation.unheard() == 0);
}

}  // namespace

TEST_CASE("every transcript is answered as it says") {
    std::size_t replayed = 0;
    for (const auto& entry : std::filesystem::directory_iterator(CASEFILE_SOURCE_DIR "/tests/conformance")) {
        if (entry.path().extension() != ".jsonl") continue;
        replay(entry.path());
        ++replayed;
    }
    CHECK(replayed >= 8);
}
