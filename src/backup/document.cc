#include "backup/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace aethel::backup {
namespace {

constexpr std::string_view signed_by = "signed-by: ";
constexpr std::size_t most_signatures = 8;
constexpr std::size_t id_size = 16;

bool is_id(std::string_view text) {
  return text.size() == id_size &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string_view line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) return {};
  const std::string_view out = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return out;
}

std::string message(std::string_view first, std::string_view json) {
  return fmt::format("{}\n{}", first, json);
}

std::string signature_line(std::string_view first, std::string_view json, const SigningKey& key) {
  return fmt::format("{}{} {}\n", signed_by, id_of(key.signer()),
                     hex(sign(message(first, json), key)));
}

} // namespace

std::string write_document(std::string_view kind, std::string_view json, const SigningKey& key) {
  const std::string first = fmt::format("aethel {} {}", kind, format_version);
  return fmt::format("{}\n{}\n{}", first, signature_line(first, json, key), json);
}

std::string sign_again(std::string_view document, const SigningKey& key) {
  std::string_view rest = document;
  const std::string_view first = line(rest);
  const std::size_t empty = document.find("\n\n");
  const std::string_view json = document.substr(empty + 2);
  return fmt::format("{}\n{}{}", document.substr(0, empty), signature_line(first, json, key),
                     document.substr(empty + 1));
}

Result<Document> read_document(std::string_view kind, std::string_view bytes,
                               std::span<const SignerKey> trusted) {
  std::string_view rest = bytes;
  const std::string_view first = line(rest);
  const std::string prefix = fmt::format("aethel {} ", kind);
  if (!first.starts_with(prefix)) return fail(fmt::format("not a {} of a backup", kind));
  int version = 0;
  const std::string_view number = first.substr(prefix.size());
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), version);
  if (error != std::errc() || end != number.data() + number.size() || version < 1 ||
      number.front() == '0')
    return fail(fmt::format("not a {} of a backup", kind));
  if (version > format_version)
    return fail({.message = fmt::format("the {} has format {}; this program knows formats up to {}",
                                        kind, version, format_version),
                 .hint = "use a newer aetheld"});
  struct Signature {
    std::string_view signer;
    std::array<unsigned char, 64> bytes{};
  };
  std::vector<Signature> signatures;
  for (;;) {
    if (!rest.contains('\n')) return fail(fmt::format("the {} ends within its header", kind));
    std::string_view each = line(rest);
    if (each.empty()) break;
    Signature signature;
    const bool known = each.starts_with(signed_by) && signatures.size() < most_signatures;
    if (known) each.remove_prefix(signed_by.size());
    if (!known || each.size() != id_size + 1 + 128 || each[id_size] != ' ' ||
        !is_id(each.substr(0, id_size)) || !parse_hex(each.substr(id_size + 1), signature.bytes))
      return fail(fmt::format("the {} has a header that no program wrote", kind));
    signature.signer = each.substr(0, id_size);
    signatures.push_back(signature);
  }
  Document document;
  const std::string said = message(first, rest);
  for (const Signature& each : signatures) {
    const auto signer =
        std::ranges::find(trusted, each.signer, [](const SignerKey& key) { return id_of(key); });
    if (signer == trusted.end()) {
      ++document.strangers;
      continue;
    }
    // One that does not hold is refused, whatever else holds: somebody touched it.
    if (!is_signed(said, each.bytes, *signer))
      return fail(fmt::format("the {} is not what {} signed: it was changed", kind, each.signer));
    document.signed_by.push_back(*signer);
  }
  if (document.signed_by.empty()) {
    const std::string claimed = claimed_signer(bytes);
    return fail(fmt::format("the {} is signed by nobody who is trusted here{}", kind,
                            claimed.empty() ? "" : ", but by " + claimed));
  }
  document.json = rest;
  return document;
}

std::string claimed_signer(std::string_view bytes) {
  line(bytes);
  std::string_view second = line(bytes);
  if (!second.starts_with(signed_by)) return {};
  second.remove_prefix(signed_by.size());
  second = second.substr(0, second.find(' '));
  if (!is_id(second)) return {};
  return std::string(second);
}

} // namespace aethel::backup
