#include "evidence/signing_key.h"

#include <sys/stat.h>

#include <cstdlib>

#include "base/text.h"
#include "tests/unit/evidence/support.h"

using namespace casefile;
using namespace casefile::evidence;

TEST_CASE("a key that was made once is read again, and only its owner can read it") {
    TemporaryFolder home;

    const auto made = SigningKey::load_or_make(home.path()).value();
    const auto read = SigningKey::load_or_make(home.path()).value();

    CHECK(made.fingerprint() == read.fingerprint());
    CHECK(made.fingerprint().size() == 64);
    CHECK(made.fingerprint() == key_fingerprint(made.public_key()));
    struct stat info {};
    REQUIRE(::stat((home.path() / "key.pem").c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("a signature is good for its bytes, its key and its one spelling only") {
    TemporaryFolder home, other_home;
    const auto key = SigningKey::load_or_make(home.path()).value();
    const auto other = SigningKey::load_or_make(other_home.path()).value();
    const auto signature = key.sign("hello");

    // 64 bytes leave four bits of the last base64 digit unused: another digit there decodes to the same
    // bytes.
    auto respelled = signature;
    respelled[85] = respelled[85] == 'A' ? 'B' : static_cast<char>(respelled[85] + 1);
    std::string bytes, same_bytes;
    REQUIRE(from_base64(signature, bytes));
    REQUIRE(from_base64(respelled, same_bytes));
    REQUIRE(bytes == same_bytes);

    CHECK(signature_is_good(key.public_key(), "hello", signature));
    CHECK_FALSE(signature_is_good(key.public_key(), "hellO", signature));
    CHECK_FALSE(signature_is_good(other.public_key(), "hello", signature));
    CHECK_FALSE(signature_is_good(key.public_key(), "hello", respelled));
    CHECK_FALSE(signature_is_good("not base64", "hello", signature));
    CHECK(key_fingerprint("AAAA").empty());
}

TEST_CASE("a key that OpenSSL wrote, with words around it, is the same key") {
    TemporaryFolder home;
    const auto file = home.path() / "key.pem";
    const auto plain = SigningKey::load_or_make(home.path()).value();
    const auto pem = read_file(file);
    write_file(file, "The key of this home\n" + pem);

    const auto worded = SigningKey::load_or_make(home.path()).value();

    CHECK(worded.fingerprint() == plain.fingerprint());
    CHECK(signature_is_good(plain.public_key(), "hello", worded.sign("hello")));
    const auto command =
        "openssl pkey -text_pub -noout -in " + file.string() + " > " + file.string() + ".told";
    REQUIRE(std::system(command.c_str()) == 0);  // NOLINT(concurrency-mt-unsafe)
    std::string told, bytes;
    for (const char c :
         read_file(file.string() + ".told").substr(std::string("ED25519 Public-Key:\npub:").size()))
        if (c != ' ' && c != '\n' && c != ':') told += c;
    REQUIRE(from_base64(plain.public_key(), bytes));
    CHECK(told == to_hex(bytes));
}

TEST_CASE("a key that others can read is refused") {
    TemporaryFolder home;
    SigningKey::load_or_make(home.path()).value();
    fs::permissions(home.path() / "key.pem", fs::perms(0640));

    const auto key = SigningKey::load_or_make(home.path());

    REQUIRE_FALSE(key);
    CHECK(key.error().kind == ErrorKind::denied);
    CHECK(key.error().hint.find("chmod 600") != std::string::npos);
}

TEST_CASE("a broken key file, or a link in its place, is an error and never replaced") {
    TemporaryFolder home;
    SECTION("broken") {
        write_file(home.path() / "key.pem", "no key");
        fs::permissions(home.path() / "key.pem", fs::perms(0600));
    }
    SECTION("a key of another kind") {
        const auto file = (home.path() / "key.pem").string();
        const auto command = "openssl genpkey -algorithm X25519 -out " + file;
        REQUIRE(std::system(command.c_str()) == 0);  // NOLINT(concurrency-mt-unsafe)
        fs::permissions(home.path() / "key.pem", fs::perms(0600));
    }
    SECTION("a link that leads nowhere") { fs::create_symlink("elsewhere", home.path() / "key.pem"); }

    CHECK_FALSE(SigningKey::load_or_make(home.path()));
    CHECK_FALSE(fs::exists(home.path() / "elsewhere"));
}

TEST_CASE("processes that make the key at once agree on one and leave nothing else behind", "[forks]") {
    TemporaryFolder home;
    constexpr int makers = 8;
    int answers[2] = {};
    REQUIRE(::pipe(answers) == 0);
    std::vector<pid_t> children;
    for (int i = 0; i < makers; ++i)
        children.push_back(in_child([&] {
            const auto key = SigningKey::load_or_make(home.path()).value();
            return ::write(answers[1], key.fingerprint().data(), 64) == 64 ? 0 : 1;
        }));
    for (const auto child : children) CHECK(exit_code_of(child) == 0);
    ::close(answers[1]);

    const auto kept = SigningKey::load_or_make(home.path()).value();
    std::string fingerprint(64, '\0');
    int told = 0;
    for (; ::read(answers[0], fingerprint.data(), 64) == 64; ++told) CHECK(fingerprint == kept.fingerprint());
    ::close(answers[0]);
    CHECK(told == makers);
    CHECK(std::distance(fs::directory_iterator(home.path()), fs::directory_iterator()) == 1);
}
