// requestState: what was not sealed here is refused, whatever it is, and what was sealed opens once and can
// be read or is refused as unreadable.

#include "base/hash.h"
#include "base/text.h"
#include "mcp/question.h"
#include "mcp/sealed_state.h"
#include "tests/fakes/manual_clock.h"
#include "tests/fuzz/fuzz.h"

using namespace casefile;
using namespace casefile::fuzz;

namespace {

constexpr const char* key = "key of this installation";
const mcp::StateOwner owner{
    .principal = "local:1000", .subject = "tools/call confirm", .arguments_sha256 = "abc"};

/// As somebody would send it who had the key, but not our way of filling in a state.
std::string signed_as_ours(std::string_view text) {
    const auto body = to_base64(text);
    return body + "." + to_hex(hmac_sha256(key, "casefile requestState 1\n" + body));
}

void read_and_answer(const json::object& content) {
    auto questions = mcp::read_questions(content);
    if (!questions) return;
    const auto written = mcp::to_json(*questions);
    const auto again = mcp::read_questions(written);
    promise(again && mcp::to_json(*again) == written, "questions are read as they were written");
    mcp::take_answers(content, *questions);
    if (const auto* answers = content.if_contains("responses"); answers != nullptr && answers->is_object())
        mcp::take_answers(answers->get_object(), *questions);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = text_of(data, size);
    const ManualClock clock;
    mcp::SealedState seals(key, clock);
    promise(!seals.open(owner, text), "a state that was not sealed here is refused", text);

    if (const auto opened = seals.open(owner, signed_as_ours(text))) read_and_answer(opened->content);

    const auto content = parse_json(text, 32);
    if (!content || !content->is_object()) return 0;
    const auto sealed = seals.seal(owner, content->get_object());
    const auto opened = seals.open(owner, sealed);
    // Written and read once, because a double of many digits may come back as its neighbour (base/json.h).
    promise(opened && opened->content == *parse_json(json::serialize(*content)),
            "a state opens with what was sealed", text);
    promise(!seals.open(owner, sealed), "a state opens once", text);
    read_and_answer(opened->content);
    return 0;
}
