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

std::optional<ErrorKind> error_kind_of(std::string_view name) {
    for (const auto kind :
         {ErrorKind::invalid_argument, ErrorKind::not_found, ErrorKind::denied, ErrorKind::limit_reached,
          ErrorKind::unavailable, ErrorKind::timed_out, ErrorKind::cancelled, ErrorKind::internal})
        if (name == name_of(kind)) return kind;
    return std::nullopt;
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

std::optional<Layer> layer_of(std::string_view name) {
    for (const auto layer : {Layer::casefile, Layer::database, Layer::tunnel})
        if (name == name_of(layer)) return layer;
    return std::nullopt;
}

std::string describe(const Error& error) {
    return error.hint.empty() ? error.message : error.message + "; " + error.hint;
}

}  // namespace casefile
