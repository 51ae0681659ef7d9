#include "mcp/sealed_state.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/descriptor.h"
#include "base/hash.h"
#include "base/ids.h"
#include "base/text.h"

namespace casefile::mcp {
namespace {

/// The key also signs other things in this installation; the label keeps their signatures from counting here.
constexpr std::string_view purpose = "casefile requestState 1\n";

/// More answered questions within one lifetime than any human gives.
constexpr std::size_t used_max = 65'536;

Error refused(const std::string& reason) {
    return denied("requestState refused: " + reason,
                  "call the tool again without requestState to be asked anew");
}

Error used_before() { return refused("it was used before, and counts once"); }

}  // namespace

SealedState::SealedState(LateSecret key, const Clock& clock, std::filesystem::path folder)
    : key_(std::move(key)), clock_(clock), folder_(std::move(folder)) {}

std::string SealedState::seal(const StateOwner& owner, const json::object& content) {
    return seal_until(clock_.now() + lifetime, owner, content);
}

std::string SealedState::seal_until(WallTime expires, const StateOwner& owner, const json::object& content) {
    const json::object sealed{{"principal", owner.principal},
                              {"subject", owner.subject},
                              {"arguments", owner.arguments_sha256},
                              {"expires", expires.time_since_epoch().count()},
                              {"nonce", random_hex(16)},
                              {"content", content}};
    const auto body = to_base64(json::serialize(sealed));
    return body + "." + to_hex(hmac_sha256(key_.get(), std::string(purpose) + body));
}

Result<OpenedState> SealedState::open(const StateOwner& owner, std::string_view sealed) {
    const auto dot = sealed.find('.');
    const auto body = sealed.substr(0, dot);
    const auto signature = dot == std::string_view::npos ? std::string_view() : sealed.substr(dot + 1);
    const auto expected = to_hex(hmac_sha256(key_.get(), std::string(purpose) + std::string(body)));
    std::string text;
    if (!equal_in_constant_time(signature, expected) || !from_base64(body, text))
        return refused("it was not issued by this installation, or was changed");

    const auto parsed = parse_json(text);
    if (!parsed || !parsed->is_object()) return refused("it cannot be read");
    const auto& members = parsed->get_object();
    const auto* expires_value = members.if_contains("expires");
    const auto* content = members.if_contains("content");
    if (expires_value == nullptr || !expires_value->is_int64() || content == nullptr || !content->is_object())
        return refused("it cannot be read");

    if (string_or(members, "principal") != owner.principal)
        return refused("it was issued to another principal");
    if (string_or(members, "subject") != owner.subject ||
        string_or(members, "arguments") != owner.arguments_sha256)
        return refused("it was issued for another request or other arguments");
    const WallTime expires{std::chrono::milliseconds(expires_value->get_int64())};
    if (clock_.now() >= expires) return refused("it expired after 15 minutes");
    if (auto first = use_once(string_or(members, "nonce"), expires); !first) return first.error();
    return OpenedState{.content = content->get_object(), .expires = expires};
}

Result<void> SealedState::use_once(const std::string& nonce, WallTime expires) {
    const std::lock_guard lock(mutex_);
    std::erase_if(used_, [now = clock_.now()](const auto& used) { return used.second <= now; });
    if (used_.contains(nonce)) return used_before();
    if (used_.size() >= used_max)
        return Error{ErrorKind::limit_reached,
                     "requestState refused: too many questions were answered in 15 minutes",
                     "wait some minutes"};
    if (!folder_.empty())
        if (auto first = use_once_of_all(nonce, expires); !first) return first;
    used_.emplace(nonce, expires);
    return {};
}

/// A file for each state that was opened, named by when it can go and by the nonce. Only one process can make
/// it, and it is on stable storage before the answer counts.
Result<void> SealedState::use_once_of_all(const std::string& nonce, WallTime expires) const {
    std::error_code failure;
    std::filesystem::create_directories(folder_, failure);
    std::filesystem::permissions(folder_, std::filesystem::perms::owner_all, failure);
    const auto now = clock_.now().time_since_epoch().count();
    for (const auto& entry : std::filesystem::directory_iterator(folder_, failure))
        if (std::strtoll(entry.path().filename().c_str(), nullptr, 10) <= now)
            std::filesystem::remove(entry.path(), failure);

    const auto name = std::to_string(expires.time_since_epoch().count()) + "-" + nonce;
    const Descriptor folder(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const Descriptor file(
        ::openat(folder.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file && errno == EEXIST) return used_before();
    if (!file || ::fsync(folder.get()) != 0)
        return unavailable("requestState refused: that it was used could not be kept in " + folder_.string(),
                           "check the folder and its disk, then call the tool again to be asked anew");
    return {};
}

}  // namespace casefile::mcp
