#pragma once
// What the fake sources share: an endpoint that was never connected to, and a probe that answers.

#include "base/text.h"
#include "sources/source.h"

namespace casefile::sources {

inline Endpoint fake_endpoint(const std::string& env, SourceKind kind) {
    Endpoint endpoint;
    endpoint.kind = kind;
    endpoint.env = env;
    endpoint.variable = upper(name_of(kind)) + "_" + env + (kind == SourceKind::kafka ? "_BROKERS" : "_URL");
    endpoint.host = "127.0.0.1";
    endpoint.port = 1;
    if (kind == SourceKind::mysql) endpoint.database = "shop";
    if (kind == SourceKind::kafka) endpoint.brokers = {"127.0.0.1:1"};
    return endpoint;
}

inline Fingerprint fake_fingerprint(const Endpoint& endpoint, const std::string& host = "fake") {
    Fingerprint fingerprint;
    fingerprint.kind = endpoint.kind;
    fingerprint.env = endpoint.env;
    fingerprint.variable = endpoint.variable;
    fingerprint.endpoint = endpoint.address();
    fingerprint.taken_at = "2026-11-22T14:00:00.000Z";
    fingerprint.identity = {{"host", host}};
    return fingerprint;
}

inline Result<void> fake_admission(const Endpoint& endpoint, const std::string& host, const Control& control,
                                   const json::object& may_move = {}) {
    return control.check(endpoint, {{"host", host}}, may_move);
}

}  // namespace casefile::sources
