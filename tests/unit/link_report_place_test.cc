// Columns in UTF-16, as services want them that show a text.
#include "link/report/support/place.h"

#include <gtest/gtest.h>

namespace aethel {
namespace {

TEST(Utf16, counts_code_units) {
  EXPECT_EQ(utf16_length(""), 0u);
  EXPECT_EQ(utf16_length("abc\t"), 4u);
  EXPECT_EQ(utf16_length("caf\xc3\xa9"), 4u);
  EXPECT_EQ(utf16_length("\xe2\x82\xac"), 1u);
  EXPECT_EQ(utf16_length("\xf0\x9d\x84\x9e"), 2u); // U+1D11E, a surrogate pair
}

TEST(Utf16, shows_each_byte_that_is_no_character_as_one) {
  for (const std::string_view text : {"\x80", "\xc3", "\xc0\x80", "\xed\xa0\x80",
                                      "\xf4\x90\x80\x80", "\xf0\x9d\x84", "\xff\xfe"}) {
    EXPECT_EQ(utf16_length(text), text.size());
    EXPECT_EQ(as_utf8(text).size(), 3 * text.size());
  }
  EXPECT_EQ(as_utf8("a\xff"
                    "b\xc3\xa9"),
            "a\xef\xbf\xbd"
            "b\xc3\xa9");
}

} // namespace
} // namespace aethel
