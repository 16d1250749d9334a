#include "Contract.hpp"

#include <algorithm>

namespace weir {

// FNV-1a, 64 bits (draft-eastlake-fnv): the table is the contract's own, so a caller can choose a key but never the table.
static uint64_t hash_of(std::string_view text) noexcept {
    uint64_t hash = 0xcbf29ce484222325u;
    for (unsigned char byte : text) { hash = (hash ^ byte) * 0x100000001b3u; }
    return hash ^ (hash >> 32);
}

void TextIndex::build(const std::vector<std::string> &texts) {
    size_t capacity = 4;
    while (capacity < texts.size() * 2) { capacity *= 2; }
    texts_ = texts;
    mask_ = uint32_t(capacity - 1);
    slots_.assign(capacity, absent);
    for (uint32_t position = 0; position < texts.size(); position++) {
        uint32_t slot = uint32_t(hash_of(texts[position])) & mask_;
        while (slots_[slot] != absent) { slot = (slot + 1) & mask_; }
        slots_[slot] = position;
    }
}

uint32_t TextIndex::find(std::string_view text) const noexcept {
    uint32_t slot = uint32_t(hash_of(text)) & mask_;
    while (slots_[slot] != absent && texts_[slots_[slot]] != text) { slot = (slot + 1) & mask_; }
    return slots_[slot];
}

void Field::set_key(const std::string &name) {
    // A name with a quote or a backslash is escaped in every body: only the index finds it, and the head stays unequal.
    if (name.find_first_of("\"\\") != std::string::npos) { return; }
    key = name + '"';
    uint8_t bytes[8] = {}, ones[8] = {};
    std::memcpy(bytes, key.data(), std::min<size_t>(key.size(), 8));
    std::memset(ones, 0xFF, std::min<size_t>(key.size(), 8));
    head = load_word(bytes);
    mask = load_word(ones);
}

}  // namespace weir

using namespace weir;

static std::string copy(csimdjson_text text) {
    return text.count == 0 ? std::string() : std::string(reinterpret_cast<const char *>(text.bytes), text.count);
}

static Field compile(const csimdjson_field &from) {
    Field field;
    field.set_key(copy(from.name));
    field.kind = from.kind;
    field.missing = from.missing;
    field.max_length = from.max_length;
    field.minimum = from.minimum;
    field.maximum = from.maximum;
    field.default_number = from.default_number;
    field.default_text = copy(from.default_text);
    std::vector<std::string> values;
    for (size_t index = 0; index < from.value_count; index++) { values.push_back(copy(from.values[index])); }
    if (!values.empty()) { field.values.build(values); }
    return field;
}

/// The index of `name` among `names`; appends an entry for it when there is none.
static uint32_t entry_named(const std::string &name, std::vector<std::string> &names, csimdjson_contract &contract) {
    auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end()) { return uint32_t(found - names.begin()); }
    Field field;
    field.set_key(name);
    contract.entries.push_back(field);
    names.push_back(name);
    return uint32_t(names.size() - 1);
}

static void fill(csimdjson_contract &contract, const csimdjson_field *fields, size_t count, csimdjson_text unit) {
    std::vector<std::string> names;
    for (size_t index = 0; index < count; index++) {
        contract.entries.push_back(compile(fields[index]));
        names.push_back(copy(fields[index].name));
    }
    contract.features = uint32_t(count);
    if (unit.bytes != nullptr) { contract.unit = entry_named(copy(unit), names, contract); }
    const uint32_t instances = entry_named("instances", names, contract);
    if (instances >= count) { contract.instances = instances; }
    contract.words = uint32_t((names.size() + 63) / 64);
    contract.names.build(names);
    contract.entries.push_back(Field());
}

extern "C" csimdjson_contract *csimdjson_contract_create(const csimdjson_field *fields, size_t count, csimdjson_text unit,
                                                         bool ignores_extra, uint32_t max_rows) {
    try {
        auto contract = new csimdjson_contract;
        try {
            fill(*contract, fields, count, unit);
        } catch (...) {
            delete contract;
            return nullptr;
        }
        contract->ignores_extra = ignores_extra;
        contract->max_rows = max_rows;
        return contract;
    } catch (...) { return nullptr; }
}

extern "C" void csimdjson_contract_destroy(csimdjson_contract *contract) { delete contract; }
