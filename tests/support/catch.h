#pragma once
// Catch2, taught to print our results: a failed CHECK(result) shows the error instead of nothing.

#include <catch2/catch.hpp>

#include "base/error.h"

namespace Catch {

template <class T>
struct StringMaker<boost::system::result<T, casefile::Error>> {
    static std::string convert(const boost::system::result<T, casefile::Error>& result) {
        return result ? std::string("a value") : "error: " + casefile::describe(result.error());
    }
};

}  // namespace Catch
