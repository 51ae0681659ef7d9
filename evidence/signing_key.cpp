#include "evidence/signing_key.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

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

std::string raw_public_key(EVP_PKEY* key) {
    std::string bytes(raw_key_bytes, '\0');
    std::size_t size = bytes.size();
    if (EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(bytes.data()), &size) != 1)
        return {};
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

/// An Ed25519 key in PKCS #8 (RFC 8410) as OpenSSL writes it: these bytes, then the 32 of the key.
constexpr std::string_view pkcs8_head("\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20", 16);

/// The key in `pem` if it is written as make_pem() writes it; none otherwise. OpenSSL's own reader of keys
/// first lists every format of every kind of key it knows, which takes a fifth of the program's start.
KeyPointer plain_ed25519(BIO* pem) {
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* bytes = nullptr;
    long size = 0;
    if (PEM_read_bio(pem, &name, &header, &bytes, &size) != 1) return nullptr;
    const std::string_view der(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    KeyPointer key;
    if (std::string_view(name) == PEM_STRING_PKCS8INF && der.size() == pkcs8_head.size() + raw_key_bytes &&
        der.starts_with(pkcs8_head))
        key.reset(
            EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes + pkcs8_head.size(), raw_key_bytes),
            EVP_PKEY_free);
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_clear_free(bytes, der.size());
    return key;
}

Result<KeyPointer> read_key(int file) {
    struct stat info {};
    if (::fstat(file, &info) != 0) return file_error("cannot look at", key_file);
    if (info.st_uid != ::geteuid())
        return denied(std::string(key_file) + ": expected a file of user " + std::to_string(::geteuid()) +
                          ", got one of user " + std::to_string(info.st_uid),
                      "run casefile as the owner of its home, or use another --home");
    if ((info.st_mode & 077) != 0)
        return denied(std::string(key_file) + ": expected mode 0600, got one that others can use",
                      "run chmod 600 on it, and ask yourself who may have read it");
    auto pem = read_whole(file, pem_bytes_max);
    if (!pem) return pem.error();
    const BioPointer in(BIO_new_mem_buf(pem->data(), static_cast<int>(pem->size())), BIO_free);
    auto key = plain_ed25519(in.get());
    if (!key && BIO_reset(in.get()) == 1)
        key.reset(PEM_read_bio_PrivateKey(in.get(), nullptr, no_password, nullptr), EVP_PKEY_free);
    ERR_clear_error();
    if (!key) return broken_key("something else");
    if (EVP_PKEY_get_id(key.get()) != EVP_PKEY_ED25519) return broken_key("a key of another kind");
    return key;
}

/// Decodes base64 of exactly one spelling, so that no bit of it can be changed unnoticed.
bool decode_exactly(std::string_view text, std::size_t size, std::string& bytes) {
    return from_base64(text, bytes) && bytes.size() == size && to_base64(bytes) == text;
}

}  // namespace

Result<SigningKey> SigningKey::load_or_make(const std::filesystem::path& home) {
    auto folder = open_folder(home);
    if (!folder) return folder.error();
    if (!exists_at(folder->get(), key_file))
        if (auto made = make_key_file(folder->get()); !made) return made.error();
    auto file = open_file_at(folder->get(), key_file);
    if (!file) return file.error();
    auto key = read_key(file->get());
    if (!key) return key.error();

    SigningKey out;
    out.public_key_ = to_base64(raw_public_key(key->get()));
    out.fingerprint_ = evidence::key_fingerprint(out.public_key_);
    // Setting this up takes OpenSSL longer than a signature.
    const std::shared_ptr<EVP_MD_CTX> signing(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    if (!signing || EVP_DigestSignInit(signing.get(), nullptr, nullptr, nullptr, key->get()) != 1)
        return broken_key("one that OpenSSL cannot sign with");
    out.signing_ = signing;
    return out;
}

std::string SigningKey::sign(std::string_view bytes) const {
    const ContextPointer context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    std::string signature(signature_bytes, '\0');
    std::size_t size = signature.size();
    // Ed25519 signing fails only for want of memory.
    if (!context || EVP_MD_CTX_copy_ex(context.get(), static_cast<const EVP_MD_CTX*>(signing_.get())) != 1 ||
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
