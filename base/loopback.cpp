#include "base/loopback.h"

#include <arpa/inet.h>

#include <string>

#include "base/text.h"

namespace casefile {

bool is_loopback(std::string_view host) {
    if (equals_ignoring_case(host, "localhost") || host == "::1") return true;
    in_addr address{};
    return inet_pton(AF_INET, std::string(host).c_str(), &address) == 1 &&
           (ntohl(address.s_addr) >> 24) == 127;
}

}  // namespace casefile
