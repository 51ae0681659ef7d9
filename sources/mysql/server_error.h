#pragma once
// What the numbers of the server and of its client library mean to the caller.

#include "sources/source.h"

namespace casefile::sources::mysql {

/// While a connection is made: tunnel, account, TLS.
Error connect_error(const Endpoint& endpoint, int code, const std::string& message);

/// While a statement runs. `killed` when we sent KILL QUERY because the call was cancelled.
Error statement_error(const Endpoint& endpoint, int code, const std::string& message, bool killed);

}  // namespace casefile::sources::mysql
