// Finding cases: by words, by likeness, and by what comes back.

#include "cases/casebook_impl.h"
#include "cases/signature.h"

namespace casefile::cases {

Result<std::vector<CaseSummary>> Casebook::list(const std::string& principal, const std::string& search,
                                                std::size_t rows_max, std::vector<UnreadCase>* unread) {
    return impl_->with_index(
        principal,
        [&](Index& index, const std::string& whose) { return index.list(whose, search, rows_max); }, unread);
}

Result<std::vector<SimilarCase>> Casebook::similar(const CaseState& state, const std::string& principal,
                                                   std::size_t rows_max) {
    const auto signature = signature_of(state);
    const auto words = telling_words(state);
    auto found = impl_->with_index(principal, [&](Index& index, const std::string& whose) {
        return index.ranked(whose, signature, words, rows_max + 1);
    });
    if (!found) return found.error();
    std::erase_if(*found, [&](const SimilarCase& one) { return one.id == state.id; });
    if (found->size() > rows_max) found->resize(rows_max);
    return found;
}

Result<std::vector<RecurringSignature>> Casebook::recurring(const std::string& principal,
                                                            std::size_t times_min) {
    return impl_->with_index(
        principal, [&](Index& index, const std::string& whose) { return index.recurring(whose, times_min); });
}

}  // namespace casefile::cases
