#include "base/error.h"

namespace casefile {

const char* name_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::invalid_argument:
            return "invalid_argument";
        case ErrorKind::not_found:
            return "not_found";
        case ErrorKind::denied:
            return "denied";
        case ErrorKind::limit_reached:
            return "limit_reached";
        case ErrorKind::unavailable:
            return "unavailable";
        case ErrorKind::timed_out:
            return "timed_out";
        case ErrorKind::cancelled:
            return "cancelled";
        case ErrorKind::internal:
            return "internal";
    }
    return "internal";
}

const char* name_of(Layer layer) {
    switch (layer) {
        case Layer::casefile:
            return "casefile";
        case Layer::database:
            return "database";
        case Layer::tunnel:
            return "tunnel";
    }
    return "casefile";
}

std::string describe(const Error& error) {
    return error.hint.empty() ? error.message : error.message + "; " + error.hint;
}

}  // namespace casefile
