// The compiled contract: fields in order, the rule for each, and hash indexes for names and allowed strings.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "CSimdJSON.h"

namespace weir {

/// Finds a text's position among texts that never change: open addressing, at most half full.
class TextIndex {
  public:
    static constexpr uint32_t absent = UINT32_MAX;

    void build(const std::vector<std::string> &texts);
    uint32_t find(std::string_view text) const noexcept;
    bool empty() const noexcept { return texts_.empty(); }

  private:
    std::vector<std::string> texts_;
    std::vector<uint32_t> slots_;
    uint32_t mask_ = 0;
};

/// Eight bytes at `bytes`; there are always eight, since bodies and names are padded.
inline uint64_t load_word(const uint8_t *bytes) noexcept {
    uint64_t word;
    std::memcpy(&word, bytes, sizeof word);
    return word;
}

/// One field. `key` is the name as it stands in a body without escapes, closing quote included; its first eight bytes are
/// compared as one masked word, which decides nearly every name.
struct Field {
    std::string key;
    uint64_t head = 1, mask = 0;  // never equal: the sentinel after the last field
    uint8_t kind = CSIMDJSON_NUMBER;
    uint8_t missing = CSIMDJSON_REFUSE;
    uint32_t max_length = 0;
    double minimum = 0, maximum = 0, default_number = 0;
    std::string default_text;
    TextIndex values;

    void set_key(const std::string &name);

    /// Whether the key that starts at `raw` (after its opening quote) is this field's; `end` bounds what may be read.
    bool matches(const uint8_t *raw, const uint8_t *end) const noexcept {
        if ((load_word(raw) & mask) != head) { return false; }
        return key.size() <= 8 || (key.size() <= size_t(end - raw) && std::memcmp(raw + 8, key.data() + 8, key.size() - 8) == 0);
    }
};

}  // namespace weir

/// Entries: the features, then the unit's field if it is no feature, then "instances" unless a feature has that name.
struct csimdjson_contract {
    std::vector<weir::Field> entries;  // one sentinel more than there are entries
    weir::TextIndex names;
    uint32_t features = 0;
    uint32_t unit = weir::TextIndex::absent;
    uint32_t instances = weir::TextIndex::absent;
    uint32_t words = 0;  // 64-bit words of a set of entries
    uint32_t max_rows = 0;
    bool ignores_extra = false;
};
