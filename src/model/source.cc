#include "model/source.h"

#include <algorithm>

namespace aethel {

Source::Source(std::string path, std::string bytes)
    : path_(std::move(path)), bytes_(std::move(bytes)) {
  starts_.push_back(0);
  for (std::size_t at = bytes_.find('\n'); at != std::string::npos; at = bytes_.find('\n', at + 1))
    starts_.push_back(static_cast<std::uint32_t>(at + 1));
}

Place Source::place(std::uint32_t offset) const {
  const auto next = std::ranges::upper_bound(starts_, offset);
  const auto index = static_cast<std::uint32_t>(next - starts_.begin());
  return {.line = index, .column = offset - starts_[index - 1] + 1};
}

std::string_view Source::line(std::uint32_t number) const {
  if (number == 0 || number > starts_.size()) return {};
  const std::size_t begin = starts_[number - 1];
  const std::size_t end = number < starts_.size() ? starts_[number] - 1 : bytes_.size();
  std::string_view text = std::string_view(bytes_).substr(begin, end - begin);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

} // namespace aethel
