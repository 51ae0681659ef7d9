#include "evidence/signing_key.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>
#include <optional>
#include <stdexcept>

#include "base/hash.h"
#include "base/ids.h"
#include "base/text.h"
#include "evidence/files.h"

namespace casefile::evidence {
namespace {

constexpr const char* key_file = "key.pem";
constexpr std::size_t raw_key_bytes = 32, signature_bytes = 64, pem_bytes_max = 64 * 1024;

using KeyPointer = std::shared_ptr<EVP_PKEY>;
using BioPointer = std::unique_ptr<BIO, decltype(&BIO_free)>;
using ContextPointer = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

const unsigned char* raw(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

/// Answers OpenSSL's question for a password with none; its default would ask at the terminal.
int no_password(char*, int, int, void*) { return -1; }

Error broken_key(const std::string& why) {
    return unavailable(std::string(key_file) + ": expected an Ed25519 key in PEM, got " + why,
                       "restore key.pem from a backup; a new key cannot continue the cases of the old one");
}

/// What `get` gives of the key: its public or its private half.
std::string raw_bytes(EVP_PKEY* key, int (*get)(const EVP_PKEY*, unsigned char*, std::size_t*)) {
    std::string bytes(raw_key_bytes, '\0');
    std::size_t size = bytes.size();
    if (get(key, reinterpret_cast<unsigned char*>(bytes.data()), &size) != 1) return {};
    bytes.resize(size);
    return bytes;
}

Result<std::string> make_pem() {
    const KeyPointer key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free);
    const BioPointer out(BIO_new(BIO_s_mem()), BIO_free);
    if (!key || !out ||
        PEM_write_bio_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
        return internal("cannot make a signing key: OpenSSL refuses Ed25519");
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return std::string(text, static_cast<std::size_t>(size));
}

/// Makes the key under a name of its own and links it into place: link() gives exactly one of two makers the
/// name.
Result<void> make_key_file(int home) {
    auto pem = make_pem();
    if (!pem) return pem.error();
    const auto fresh = std::string(key_file) + "." + random_hex(8) + ".new";
    auto file = create_file_at(home, fresh);
    if (!file) return file.error();
    auto done = write_all(file->get(), *pem);
    if (done) done = sync_file(file->get());
    if (done && ::linkat(home, fresh.c_str(), home, key_file, 0) != 0 && errno != EEXIST)
        done = file_error("cannot make", key_file);
    ::unlinkat(home, fresh.c_str(), 0);
    return done ? sync_folder(home) : done;
}

/// A text that is overwritten before its memory is let go.
struct Wiped {
    std::string text;
    ~Wiped() { OPENSSL_cleanse(text.data(), text.size()); }
};

/// Decodes base64 of exactly one spelling, so that no bit of it can be changed unnoticed.
bool decode_exactly(std::string_view text, std::size_t size, std::string& bytes) {
    if (!from_base64(text, bytes) || bytes.size() != size) return false;
    const Wiped again{to_base64(bytes)};
    return again.text == text;
}

/// The 32 bytes of the key in `pem` if it is written as make_pem() writes it: PKCS #8 (RFC 8410), whose first
/// bytes are the same for every Ed25519 key.
std::optional<std::string> plain_ed25519(std::string_view pem) {
    constexpr std::string_view begin = "-----BEGIN PRIVATE KEY-----\n", end = "\n-----END PRIVATE KEY-----\n",
                               head("\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20", 16);
    Wiped der;
    if (!pem.starts_with(begin) || !pem.ends_with(end) || pem.size() < begin.size() + end.size() ||
        !decode_exactly(pem.substr(begin.size(), pem.size() - begin.size() - end.size()),
                        head.size() + raw_key_bytes, der.text) ||
        !der.text.starts_with(head))
        return std::nullopt;
    return der.text.substr(head.size());
}

Result<std::string> read_pem(int file) {
    struct stat info {};
    if (::fstat(file, &info) != 0) return file_error("cannot look at", key_file);
    if (info.st_uid != ::geteuid())
        return denied(std::string(key_file) + ": expected a file of user " + std::to_string(::geteuid()) +
                          ", got one of user " + std::to_string(info.st_uid),
                      "run casefile as the owner of its home, or use another --home");
    if ((info.st_mode & 077) != 0)
        return denied(std::string(key_file) + ": expected mode 0600, got one that others can use",
                      "run chmod 600 on it, and ask yourself who may have read it");
    return read_whole(file, pem_bytes_max);
}

/// A key written in any other way.
Result<KeyPointer> parsed(const std::string& pem) {
    const BioPointer in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
    KeyPointer key(PEM_read_bio_PrivateKey(in.get(), nullptr, no_password, nullptr), EVP_PKEY_free);
    ERR_clear_error();
    if (!key) return broken_key("something else");
    if (EVP_PKEY_get_id(key.get()) != EVP_PKEY_ED25519) return broken_key("a key of another kind");
    return key;
}

}  // namespace

/// A key that OpenSSL gets when it is first used: what it sets up for that takes a sixth of the program's
/// start, and a client that only looks around needs no signature.
class SigningKey::Late {
  public:
    explicit Late(std::string raw_key) : raw_key_{std::move(raw_key)} {}
    Late(const Late&) = delete;
    Late& operator=(const Late&) = delete;

    struct Ready {
        std::shared_ptr<EVP_MD_CTX> signing;  ///< each signature is made by a copy of it
        std::string public_key, fingerprint;
    };
    const Ready& ready() {
        std::call_once(made_, [this] {
            const KeyPointer key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, raw(raw_key_.text),
                                                              raw_key_.text.size()),
                                 EVP_PKEY_free);
            // Setting this up takes OpenSSL longer than a signature.
            ready_.signing.reset(EVP_MD_CTX_new(), EVP_MD_CTX_free);
            // Every 32 bytes are a key, so this fails where OpenSSL was set up without Ed25519.
            if (!key || !ready_.signing ||
                EVP_DigestSignInit(ready_.signing.get(), nullptr, nullptr, nullptr, key.get()) != 1)
                throw std::runtime_error(
                    "key.pem: OpenSSL does not sign with Ed25519 here: check its configuration (openssl.cnf, "
                    "FIPS)");
            ready_.public_key = to_base64(raw_bytes(key.get(), EVP_PKEY_get_raw_public_key));
            ready_.fingerprint = evidence::key_fingerprint(ready_.public_key);
            OPENSSL_cleanse(raw_key_.text.data(), raw_key_.text.size());
            raw_key_.text.clear();
        });
        return ready_;
    }

  private:
    Wiped raw_key_;  ///< until OpenSSL has it
    std::once_flag made_;
    Ready ready_;
};

Result<SigningKey> SigningKey::load_or_make(const std::filesystem::path& home) {
    auto folder = open_folder(home);
    if (!folder) return folder.error();
    if (!exists_at(folder->get(), key_file))
        if (auto made = make_key_file(folder->get()); !made) return made.error();
    auto file = open_file_at(folder->get(), key_file);
    if (!file) return file.error();
    auto read = read_pem(file->get());
    if (!read) return read.error();
    const Wiped pem{*std::move(read)};
    auto raw_key = plain_ed25519(pem.text);
    if (!raw_key) {
        const auto key = parsed(pem.text);
        if (!key) return key.error();
        raw_key = raw_bytes(key->get(), EVP_PKEY_get_raw_private_key);
    }
    if (raw_key->size() != raw_key_bytes) return broken_key("one without its secret part");
    return SigningKey(std::make_shared<Late>(*std::move(raw_key)));
}

const std::string& SigningKey::public_key() const { return late_->ready().public_key; }

const std::string& SigningKey::fingerprint() const { return late_->ready().fingerprint; }

std::string SigningKey::sign(std::string_view bytes) const {
    const ContextPointer context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    std::string signature(signature_bytes, '\0');
    std::size_t size = signature.size();
    // Ed25519 signing fails only for want of memory.
    if (!context || EVP_MD_CTX_copy_ex(context.get(), late_->ready().signing.get()) != 1 ||
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, raw(bytes),
                       bytes.size()) != 1)
        throw std::bad_alloc();
    return to_base64(signature);
}

std::string key_fingerprint(std::string_view public_key_base64) {
    std::string bytes;
    return decode_exactly(public_key_base64, raw_key_bytes, bytes) ? sha256_hex(bytes) : std::string();
}

bool signature_is_good(std::string_view public_key_base64, std::string_view bytes,
                       std::string_view signature_base64) {
    std::string public_key, signature;
    if (!decode_exactly(public_key_base64, raw_key_bytes, public_key) ||
        !decode_exactly(signature_base64, signature_bytes, signature))
        return false;
    const KeyPointer key(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw(public_key), public_key.size()),
        EVP_PKEY_free);
    const ContextPointer context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    const bool good =
        key && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
        EVP_DigestVerify(context.get(), raw(signature), signature.size(), raw(bytes), bytes.size()) == 1;
    // A wrong signature leaves a line in this thread's error queue, where a driver would find it later.
    ERR_clear_error();
    return good;
}

}  // namespace casefile::evidence
