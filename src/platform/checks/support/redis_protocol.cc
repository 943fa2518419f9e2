#include "platform/checks/support/redis_protocol.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace aethel::platform {
namespace {

constexpr std::size_t answers_limit = 256 * 1024; // INFO's two sections have 2 KB
constexpr std::size_t line_limit = 4 * 1024;

std::unexpected<Failure> no_redis() { return fail("it does not speak Redis' protocol"); }

} // namespace

std::string redis_command(std::initializer_list<std::string_view> words) {
  std::string out = fmt::format("*{}\r\n", words.size());
  for (const std::string_view each : words) out += fmt::format("${}\r\n{}\r\n", each.size(), each);
  return out;
}

std::string_view RedisAnswer::code() const {
  return error ? std::string_view(text).substr(0, text.find(' ')) : std::string_view();
}

Result<void> RedisReader::fill() {
  std::array<char, 4096> buffer;
  auto count = connection_.read_some(buffer.data(), buffer.size());
  if (!count) return std::unexpected(count.error());
  if (*count == 0) return fail("it closed the connection");
  if ((total_ += *count) > answers_limit) return fail("its answer is too long");
  bytes_.append(buffer.data(), *count);
  return {};
}

Result<std::string> RedisReader::line() {
  for (std::size_t from = 0;;) {
    const std::size_t end = bytes_.find("\r\n", from);
    if (end != std::string::npos) {
      std::string found = bytes_.substr(0, end);
      bytes_.erase(0, end + 2);
      return found;
    }
    if (bytes_.size() > line_limit) return no_redis();
    // The first byte tells already: another protocol may never send the end of a line.
    if (!bytes_.empty() && std::string_view("+-:$").find(bytes_[0]) == std::string_view::npos)
      return no_redis();
    from = bytes_.empty() ? 0 : bytes_.size() - 1;
    if (auto filled = fill(); !filled) return std::unexpected(filled.error());
  }
}

Result<RedisAnswer> RedisReader::read() {
  auto first = line();
  if (!first) return std::unexpected(first.error());
  if (first->empty()) return no_redis();
  RedisAnswer answer{.text = first->substr(1)};
  switch (first->front()) {
  case '+':
  case ':': return answer;
  case '-': answer.error = true; return answer;
  case '$': break;
  default: return no_redis();
  }
  std::size_t size = 0;
  const char* const last = answer.text.data() + answer.text.size();
  const auto [end, error] = std::from_chars(answer.text.data(), last, size);
  if (error != std::errc() || end != last) return no_redis();
  if (size > answers_limit) return fail("its answer is too long");
  while (bytes_.size() < size + 2)
    if (auto filled = fill(); !filled) return std::unexpected(filled.error());
  if (bytes_.compare(size, 2, "\r\n") != 0) return no_redis();
  answer.text = bytes_.substr(0, size);
  bytes_.erase(0, size + 2);
  return answer;
}

std::string_view redis_info(std::string_view text, std::string_view field) {
  while (!text.empty()) {
    const std::string_view each = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(each.size() + 1, text.size()));
    if (!each.starts_with(field) || each.substr(field.size(), 1) != ":") continue;
    const std::string_view value = each.substr(field.size() + 1);
    return value.ends_with('\r') ? value.substr(0, value.size() - 1) : value;
  }
  return {};
}

} // namespace aethel::platform
