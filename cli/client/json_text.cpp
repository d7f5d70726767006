// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/client/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "cli/client/one_line.hpp"

namespace nflua::cli {

namespace {

using Json = nlohmann::ordered_json;

/// The columns of Table, which numbers elsewhere stand in.
constexpr size_t kNameWidth = 22;
constexpr size_t kValueWidth = 12;
constexpr size_t kMaxTableWidth = 100;

std::string words_of(std::string key) {
  std::replace(key.begin(), key.end(), '_', ' ');
  return one_line(key);
}

bool is_table(const Json& value) {
  return value.is_array() && !value.empty() &&
         std::all_of(value.begin(), value.end(), [](const Json& row) { return row.is_object(); });
}

bool is_section(const Json& value) {
  return (value.is_object() && !value.empty()) || is_table(value);
}

/// Of what takes one row, or one cell.
std::string text_of(const Json& value) {
  if (value.is_null() || value.empty()) return "-";
  if (value.is_string()) return one_line(value.get_ref<const std::string&>());
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (!value.is_array()) return value.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string list;
  for (const Json& item : value) list += (list.empty() ? "" : ", ") + text_of(item);
  return list;
}

std::vector<std::string> columns_of(const Json& rows) {
  std::vector<std::string> columns;
  for (const Json& row : rows)
    for (const auto& [key, value] : row.items())
      if (std::find(columns.begin(), columns.end(), key) == columns.end()) columns.push_back(key);
  return columns;
}

/// Header and cells, numbers to the right. Nothing: it would be wider than people can read.
std::optional<std::string> table_of(const Json& rows) {
  std::vector<std::string> lines(rows.size() + 1);
  for (const std::string& column : columns_of(rows)) {
    std::vector<std::string> cells = {words_of(column)};
    bool is_number = true;
    for (const Json& row : rows) {
      const bool has = row.contains(column);
      cells.push_back(has ? text_of(row[column]) : "-");
      is_number = is_number && (!has || row[column].is_number());
    }
    size_t width = 0;
    for (const std::string& cell : cells) width = std::max(width, cell.size());
    for (size_t i = 0; i < cells.size(); ++i)
      lines[i] += is_number ? fmt::format("  {:>{}}", cells[i], width)
                            : fmt::format("  {:<{}}", cells[i], width);
  }
  if (lines.front().size() > kMaxTableWidth) return {};
  std::string text;
  for (const std::string& line : lines)
    text += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
  return text;
}

void add_section(std::string& out, const std::string& title, const Json& section);

void add_table(std::string& out, const std::string& title, const Json& rows) {
  if (const std::optional<std::string> table = table_of(rows))
    out += title + '\n' + *table;
  else
    for (size_t i = 0; i < rows.size(); ++i)
      add_section(out, fmt::format("{}, {} of {}", title, i + 1, rows.size()), rows[i]);
}

void add_section(std::string& out, const std::string& title, const Json& section) {
  if (is_table(section)) return add_table(out, title, section);
  const bool has_rows =
      std::any_of(section.begin(), section.end(), [](const Json& v) { return !is_section(v); });
  if (has_rows && !title.empty()) out += title + '\n';
  for (const auto& [key, value] : section.items())
    if (!is_section(value))
      out +=
          fmt::format("  {:<{}}{}{:>{}}\n", words_of(key), kNameWidth,
                      words_of(key).size() < kNameWidth ? "" : "  ", text_of(value), kValueWidth);
  for (const auto& [key, value] : section.items())
    if (is_section(value))
      add_section(out, title.empty() ? words_of(key) : title + ", " + words_of(key), value);
}

}  // namespace

Outcome<std::string> readable_json(const std::string& json) {
  const Json value = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!value.is_object())
    return Failure("the server's answer is no object of JSON; is it of another version?");
  std::string out;
  add_section(out, "", value);
  return out;
}

}  // namespace nflua::cli
