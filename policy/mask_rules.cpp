#include "policy/mask_rules.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <span>

#include "base/text.h"

namespace casefile::policy {
namespace {

struct NamePattern {
    std::string_view pattern;  ///< of plain_name(); with a dot: of parent and name
    MaskLabel label;           ///< empty: such a name is shown, whatever comes later
};

constexpr MaskLabel secret = "secret", card = "card", email = "email", phone = "phone", person = "name",
                    address = "address", shown = "";

// The first that matches decides. docs/configuration.md lists them.
constexpr auto secrets = std::to_array<NamePattern>({
    // Facts about a secret, which an investigation needs.
    {"*_at", shown},
    {"*_count", shown},
    {"*_id", shown},
    {"*_ids", shown},
    {"*_type", shown},
    {"*_status", shown},
    {"*_expires", shown},
    {"*_expires_in", shown},
    {"*_expiry", shown},
    {"*_ttl", shown},
    {"*_version", shown},
    {"*_length", shown},
    {"*_attempts", shown},
    {"*_enabled", shown},
    {"*_required", shown},
    {"*_policy", shown},
    {"*_changed", shown},
    {"*_limit", shown},
    {"*_usage", shown},
    {"*_used", shown},
    {"*_total", shown},
    {"*_last4", shown},
    {"*_last_four", shown},
    {"is_*", shown},
    {"has_*", shown},
    // Of a locked row, whatever its columns are called.
    {"innodb_locks.lock_data", secret},
    {"data_locks.lock_data", secret},
    {"*card_number*", card},
    {"*card_no", card},
    {"*cardnumber*", card},
    {"*credit_card*", card},
    {"*creditcard*", card},
    {"pan", card},
    {"*_pan", card},
    {"*cvv*", secret},
    {"cvc", secret},
    {"*_cvc", secret},
    {"*password*", secret},
    {"*passwd*", secret},
    {"pwd", secret},
    {"*_pwd", secret},
    {"pwd_*", secret},
    {"pass", secret},
    {"*_pass", secret},
    {"pass_hash", secret},
    {"*passphrase*", secret},
    {"*passcode*", secret},
    {"*secret*", secret},
    {"*credential*", secret},
    {"*access_token*", secret},
    {"*refresh_token*", secret},
    {"*api_token*", secret},
    {"*auth_token*", secret},
    {"*tokens*", shown},  // how many, as models count them
    {"*token*", secret},
    {"*api_key*", secret},
    {"*apikey*", secret},
    {"*private_key*", secret},
    {"*privatekey*", secret},
    {"*access_key*", secret},
    {"*secret_key*", secret},
    {"*encryption_key*", secret},
    {"*signing_key*", secret},
    {"*master_key*", secret},
    {"*session_key*", secret},
    {"*auth_key*", secret},
    {"*service_key*", secret},
    {"*client_key*", secret},
    {"*jwt*", secret},
    {"*bearer*", secret},
    {"authorization", secret},
    {"*_authorization", secret},
    {"cookie", secret},
    {"*_cookie", secret},
    {"pin", secret},
    {"*_pin", secret},
    {"pin_code", secret},
    {"otp", secret},
    {"*_otp", secret},
    {"*otp_code*", secret},
    {"*totp*", secret},
    {"*recovery_code*", secret},
    {"*backup_code*", secret},
    {"salt", secret},
    {"*_salt", secret},
});

constexpr auto persons = std::to_array<NamePattern>({
    {"email_id", email},
    {"*_at", shown},
    {"*_count", shown},
    {"*_id", shown},
    {"*_ids", shown},
    {"*_type", shown},
    {"*_status", shown},
    {"*_verified", shown},
    {"*_enabled", shown},
    {"is_*", shown},
    {"has_*", shown},
    {"*email*", email},
    {"*e_mail*", email},
    {"*phone*", phone},
    {"mobile", phone},
    {"*_mobile", phone},
    {"mobile_n*", phone},
    {"*msisdn*", phone},
    {"fax", phone},
    {"*_fax", phone},
    {"tel", phone},
    {"*first_name*", person},
    {"*firstname*", person},
    {"*last_name*", person},
    {"*lastname*", person},
    {"*middle_name*", person},
    {"*full_name*", person},
    {"*fullname*", person},
    {"*given_name*", person},
    {"*family_name*", person},
    {"*maiden_name*", person},
    {"*surname*", person},
    {"customer_name", person},
    {"client_name", person},
    {"contact_name", person},
    {"recipient_name", person},
    {"*holder_name", person},
    {"billing_name", person},
    {"shipping_name", person},
    // A bare `name` is that of a person where persons are kept.
    {"*customer*.name", person},
    {"*client*.name", person},
    {"*user*.name", person},
    {"*person*.name", person},
    {"*people*.name", person},
    {"*contact*.name", person},
    {"*member*.name", person},
    {"*employee*.name", person},
    {"*patient*.name", person},
    {"*subscriber*.name", person},
    {"*buyer*.name", person},
    {"*guest*.name", person},
    {"*recipient*.name", person},
    {"*ip_address*", shown},
    {"*mac_address*", shown},
    {"*address*", address},
    {"street", address},
    {"*_street", address},
    {"street_*", address},
    {"zip", address},
    {"*_zip", address},
    {"zip_code", address},
    {"*_zip_code", address},
    {"postcode", address},
    {"*_postcode", address},
    {"*postal_code*", address},
});

// What a key name ends in is then the secret itself, or names the person whose secret it holds.
constexpr std::array<std::string_view, 14> secret_keys = {
    "*session:*",   "*sessions:*", "*sess:*",    "*token:*",   "*tokens:*",      "*secret:*", "*secrets:*",
    "*password*:*", "*apikey:*",   "*api_key:*", "*api-key:*", "*credential*:*", "*jwt:*",    "*otp:*"};
constexpr std::array<std::string_view, 4> person_keys = {"*email:*", "*phone:*", "*msisdn:*", "*address:*"};

/// What stands before the colon of the patterns that end in a whole word: most keys have no such letter
/// there.
constexpr auto ends_secret_word = [] {
    std::array<bool, 256> letters{};
    for (const auto pattern : secret_keys)
        letters[static_cast<unsigned char>(pattern[pattern.size() - 3])] = true;
    return letters;
}();
static_assert(std::ranges::all_of(secret_keys, [](std::string_view one) { return one.ends_with(":*"); }));

/// False where no pattern of secret_keys can match. A star before the colon stands for any letter.
bool may_be_secret_key(std::string_view plain) {
    for (auto colon = plain.find(':'); colon != std::string_view::npos; colon = plain.find(':', colon + 1))
        if (colon > 0 && ends_secret_word[static_cast<unsigned char>(plain[colon - 1])]) return true;
    return plain.find("password") != std::string_view::npos ||
           plain.find("credential") != std::string_view::npos;
}

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool any_matches(const std::vector<std::string>& patterns, std::string_view name, std::string_view whole) {
    return std::ranges::any_of(patterns, [&](const std::string& pattern) {
        const bool of_parent = pattern.find('.') != std::string::npos;
        return matches_glob(of_parent ? whole : name, pattern);
    });
}

MaskLabel first_match(std::span<const NamePattern> patterns, std::string_view name, std::string_view whole) {
    for (const auto& one : patterns) {
        const bool of_parent = one.pattern.find('.') != std::string_view::npos;
        if (matches_glob(of_parent ? whole : name, one.pattern)) return one.label;
    }
    return {};
}

void make_plain(MaskChanges& changes) {
    for (auto* list : {&changes.add, &changes.remove})
        for (auto& pattern : *list) {
            std::string plain;
            for (const auto& part : split(pattern, '.'))
                plain += (plain.empty() ? "" : ".") + plain_name(part);
            pattern = plain;
        }
}

/// What stands between the two stars of `*word*`; nothing of any other pattern.
std::optional<std::string_view> word_between_stars(std::string_view pattern) {
    if (pattern.size() < 3 || pattern.front() != '*' || pattern.find('*', 1) != pattern.size() - 1)
        return std::nullopt;
    return pattern.substr(1, pattern.size() - 2);
}

/// How much of `key` matches the pattern without its last `*`; nothing when the pattern does not match.
std::optional<std::size_t> shown_of_key(std::string_view key, std::string_view pattern) {
    if (const auto word = word_between_stars(pattern)) {
        const auto at = key.find(*word);
        return at == std::string_view::npos ? std::nullopt : std::optional(at + word->size());
    }
    if (!matches_glob(key, pattern)) return std::nullopt;
    if (!pattern.ends_with('*')) return key.size();
    // The shortest: what stands between two stars is taken where it is first found.
    std::size_t length = 0;
    for (const auto& part : split(pattern, '*')) length = key.find(part, length) + part.size();
    return length;
}

}  // namespace

std::string plain_name(std::string_view name) {
    std::string out;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const char c = name[i];
        const bool after_lower = i > 0 && is_lower_or_digit(name[i - 1]);
        const bool ends_acronym =
            i > 0 && i + 1 < name.size() && is_upper(name[i - 1]) && name[i + 1] >= 'a' && name[i + 1] <= 'z';
        if (is_upper(c) && (after_lower || ends_acronym)) out += '_';
        out += c == '-' || c == ' ' || c == '.' ? '_' : lower(std::string_view(&c, 1)).front();
    }
    return out;
}

bool matches_glob(std::string_view text, std::string_view pattern) {
    // Nearly every pattern is one word with a star at one end or at both.
    const auto first_star = pattern.find('*');
    if (first_star == std::string_view::npos) return text == pattern;
    if (first_star + 1 == pattern.size()) return text.starts_with(pattern.substr(0, first_star));
    if (const auto word = word_between_stars(pattern)) return text.find(*word) != std::string_view::npos;
    if (first_star == 0 && pattern.find('*', 1) == std::string_view::npos)
        return text.ends_with(pattern.substr(1));

    std::size_t at = 0, in = 0, star = std::string_view::npos, resume = 0;
    while (at < text.size()) {
        if (in < pattern.size() && pattern[in] == '*') {
            star = in++;
            resume = at;
        } else if (in < pattern.size() && pattern[in] == text[at]) {
            ++at;
            ++in;
        } else if (star != std::string_view::npos) {
            in = star + 1;
            at = ++resume;
        } else {
            return false;
        }
    }
    while (in < pattern.size() && pattern[in] == '*') ++in;
    return in == pattern.size();
}

/// Safe to use from any thread, and without a lock, as each value of a payload asks. Names come from data, so
/// that only so many are kept; none is ever let go.
class MaskRules::Memo {
  public:
    Memo() = default;
    Memo(const Memo&) = delete;
    Memo& operator=(const Memo&) = delete;
    ~Memo() {
        for (auto& place : places_) delete place.load();
    }

    template <class Find>
    MaskLabel get(std::string_view name, std::string_view parent, Find find) {
        const std::hash<std::string_view> hash;
        const auto first = hash(name) + (parent.empty() ? 0 : 31 * hash(parent));
        for (std::size_t i = 0; i < places_tried; ++i) {
            auto& place = places_[(first + i) % places_.size()];
            const auto* known = place.load(std::memory_order_acquire);
            if (known == nullptr) return keep(place, name, parent, find());
            if (known->parent == parent && known->name == name) return known->label;
        }
        return find();
    }

  private:
    struct Known {
        std::string name, parent;
        MaskLabel label;
    };
    static constexpr std::size_t places_tried = 4, name_bytes_max = 128;

    static MaskLabel keep(std::atomic<const Known*>& place, std::string_view name, std::string_view parent,
                          MaskLabel label) {
        if (name.size() + parent.size() > name_bytes_max) return label;
        auto fresh = std::make_unique<const Known>(std::string(name), std::string(parent), label);
        const Known* none = nullptr;
        // Whoever was first stays.
        if (place.compare_exchange_strong(none, fresh.get(), std::memory_order_acq_rel)) fresh.release();
        return label;
    }

    std::array<std::atomic<const Known*>, 2048> places_{};
};

MaskRules::MaskRules(MaskSettings settings)
    : settings_(std::move(settings)),
      privacy_(settings_.profile == "privacy"),
      fields_(std::make_shared<Memo>()) {
    make_plain(settings_.columns);
    make_plain(settings_.fields);
    for (auto* list : {&settings_.keys.add, &settings_.keys.remove})
        for (auto& pattern : *list) pattern = lower(pattern);
}

MaskLabel MaskRules::of_name(const MaskChanges& changes, std::string_view name,
                             std::string_view parent) const {
    const auto plain = plain_name(name);
    const auto whole = plain_name(parent) + "." + plain;
    if (any_matches(changes.add, plain, whole)) {
        const auto known = first_match(persons, plain, whole);
        return known.empty() ? secret : known;
    }
    if (any_matches(changes.remove, plain, whole)) return {};
    const auto label = first_match(secrets, plain, whole);
    return label.empty() && privacy_ ? first_match(persons, plain, whole) : label;
}

MaskLabel MaskRules::of_column(std::string_view name, std::string_view parent) const {
    return of_name(settings_.columns, name, parent);
}

MaskLabel MaskRules::of_field(std::string_view name, std::string_view parent) const {
    return fields_->get(name, parent, [&] { return of_name(settings_.fields, name, parent); });
}

MaskRules::Key MaskRules::of_key(std::string_view key) const {
    const auto plain = lower(key);
    for (const auto& pattern : settings_.keys.add)
        if (const auto length = shown_of_key(plain, pattern)) return {secret, *length};
    for (const auto& pattern : settings_.keys.remove)
        if (matches_glob(plain, pattern)) return {};
    if (may_be_secret_key(plain))
        for (const auto pattern : secret_keys)
            if (const auto length = shown_of_key(plain, pattern)) return {secret, *length};
    if (!privacy_) return {};
    for (const auto pattern : person_keys)
        if (const auto length = shown_of_key(plain, pattern)) return {person, *length};
    return {};
}

}  // namespace casefile::policy
