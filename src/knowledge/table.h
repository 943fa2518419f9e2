// The data files of this folder: tab-separated, the names of the columns in the first line
// after '#'. Further lines that begin with '#' are remarks. Cells are views into the text,
// which the program holds for its whole life.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace aethel::knowledge {

// The tables are part of the program: a malformed one is a bug and aborts, and a unit test
// reads each of them.
class Table {
public:
  explicit Table(std::string_view text);

  struct Row {
    const Table* table;
    std::vector<std::string_view> cells;
    std::string_view operator[](std::string_view column) const;
  };

  const std::vector<Row>& rows() const { return rows_; }
  const std::vector<std::string_view>& columns() const { return columns_; }

  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

private:
  std::vector<std::string_view> columns_;
  std::vector<Row> rows_;
};

// The words of a cell; `separators` are characters that stand between them.
std::vector<std::string_view> words(std::string_view cell, std::string_view separators = " ");

// Whether `text` matches `pattern`, in which '*' stands for any characters, none too.
bool matches(std::string_view pattern, std::string_view text);

} // namespace aethel::knowledge
