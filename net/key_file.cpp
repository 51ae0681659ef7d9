#include "net/key_file.h"

#include <sys/stat.h>

#include <fstream>

namespace casefile::net {
namespace {

constexpr std::int64_t file_bytes_max = 1'048'576;

Result<KeySet> read_keys(const std::filesystem::path& file) {
    const auto name = "JWKS file " + file.string() + ": ";
    struct stat facts {};
    if (::stat(file.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode))
        return invalid(name + "expected a readable file, got none",
                       "save the keys there that the authorization server publishes at its jwks_uri");
    if ((facts.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return denied(name + "expected that only its owner can write it, got a wider mode",
                      "run chmod go-w on it");
    if (facts.st_size > file_bytes_max)
        return invalid(name + "expected at most " + std::to_string(file_bytes_max) + " bytes, got " +
                       std::to_string(facts.st_size));
    std::ifstream in(file, std::ios::binary);
    std::string text(static_cast<std::size_t>(facts.st_size), '\0');
    if (!in.read(text.data(), facts.st_size)) return invalid(name + "expected a readable file, got an error");
    auto keys = KeySet::parse(text);
    if (!keys) return invalid(name + keys.error().message);
    return keys;
}

}  // namespace

KeyFile::KeyFile(std::filesystem::path file, Report report_problem, std::optional<Stamp> stamp, KeySet keys)
    : file_(std::move(file)),
      report_problem_(std::move(report_problem)),
      stamp_(stamp),
      keys_(std::move(keys)) {}

std::optional<KeyFile::Stamp> KeyFile::stamp_of(const std::filesystem::path& file) {
    struct stat facts {};
    if (::stat(file.c_str(), &facts) != 0) return std::nullopt;
    return Stamp{facts.st_dev, facts.st_ino, facts.st_size, facts.st_ctim.tv_sec, facts.st_ctim.tv_nsec};
}

Result<KeyFile> KeyFile::open(std::filesystem::path file, Report report_problem) {
    // The stamp comes first: a change while the file is read is seen at the next token.
    const auto stamp = stamp_of(file);
    auto keys = read_keys(file);
    if (!keys) return keys.error();
    return KeyFile(std::move(file), std::move(report_problem), stamp, *std::move(keys));
}

const KeySet& KeyFile::current() {
    const auto stamp = stamp_of(file_);
    if (stamp == stamp_) return keys_;
    stamp_ = stamp;
    auto keys = read_keys(file_);
    if (keys)
        keys_ = *std::move(keys);
    else if (report_problem_)
        report_problem_(keys.error());
    return keys_;
}

}  // namespace casefile::net
