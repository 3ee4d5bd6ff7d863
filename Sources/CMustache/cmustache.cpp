#include "cmustache.h"

#include <cstdlib>
#include <cstring>
#include <kainjow/mustache.hpp>
#include <new>
#include <string>
#include <utility>

using kainjow::mustache::data;

// kainjow copies deeply on every insertion, so lists are kept apart until they are complete.
struct dbk_mustache_value {
  data value;
  kainjow::mustache::list items;
  bool is_list = false;

  data take() { return is_list ? data(items) : std::move(value); }
};

namespace {

/// Looks names up and remembers the first one that nothing answers: a template that asks for what is
/// not there is wrong, and would otherwise show an empty place.
class strict_context final : public kainjow::mustache::basic_context<std::string> {
 public:
  explicit strict_context(const data *root) { stack_.push_back(root); }

  void push(const data *item) override { stack_.push_back(item); }
  void pop() override { stack_.pop_back(); }

  const data *get(const std::string &name) const override {
    if (name == ".") return stack_.back();
    for (auto item = stack_.rbegin(); item != stack_.rend(); ++item) {
      const data *found = (*item)->get(name);
      if (found) return found;
    }
    if (missing_.empty()) missing_ = name;
    return nullptr;
  }

  // Partials are expanded before parsing: text from outside can never be taken for one.
  const data *get_partial(const std::string &) const override { return nullptr; }

  const std::string &missing() const { return missing_; }

 private:
  std::vector<const data *> stack_;
  mutable std::string missing_;
};

char *copy(const std::string &text) {
  char *bytes = static_cast<char *>(std::malloc(text.size() + 1));
  if (bytes) std::memcpy(bytes, text.data(), text.size() + 1);
  return bytes;
}

int fail(const std::string &reason, char **message, size_t *position) {
  const auto at = reason.rfind(" at ");
  *position = static_cast<size_t>(-1);
  std::string text = reason;
  if (at != std::string::npos) {
    char *end = nullptr;
    const auto offset = std::strtoull(reason.c_str() + at + 4, &end, 10);
    if (end && *end == 0) {
      *position = static_cast<size_t>(offset);
      text = reason.substr(0, at);
    }
  }
  *message = copy(text);
  return -1;
}

}  // namespace

extern "C" {

dbk_mustache_value *dbk_mustache_text(const char *bytes, size_t length) try {
  auto *result = new dbk_mustache_value;
  result->value = data(std::string(bytes, length));
  return result;
} catch (...) {
  return nullptr;
}

dbk_mustache_value *dbk_mustache_bool(int truth) try {
  auto *result = new dbk_mustache_value;
  result->value = data(truth != 0);
  return result;
} catch (...) {
  return nullptr;
}

dbk_mustache_value *dbk_mustache_list(void) try {
  auto *result = new dbk_mustache_value;
  result->is_list = true;
  return result;
} catch (...) {
  return nullptr;
}

dbk_mustache_value *dbk_mustache_object(void) try {
  return new dbk_mustache_value;
} catch (...) {
  return nullptr;
}

int dbk_mustache_append(dbk_mustache_value *list, dbk_mustache_value *item) try {
  list->items.push_back(item->take());
  delete item;
  return 0;
} catch (...) {
  delete item;
  return -1;
}

int dbk_mustache_set(dbk_mustache_value *object, const char *key, dbk_mustache_value *item) try {
  object->value[key] = item->take();
  delete item;
  return 0;
} catch (...) {
  delete item;
  return -1;
}

void dbk_mustache_free(dbk_mustache_value *value) { delete value; }

int dbk_mustache_render(const char *source, size_t source_length, const dbk_mustache_value *root,
                        char **output, size_t *output_length, char **message, size_t *position)
    try {
  kainjow::mustache::mustache page(std::string(source, source_length));
  if (!page.is_valid()) return fail(page.error_message(), message, position);
  std::string text;
  if (root) {
    strict_context context(&root->value);
    struct appender {
      std::string &text;
      appender &operator<<(const std::string &part) {
        text += part;
        return *this;
      }
    } stream{text};
    page.render(context, stream);
    if (!page.is_valid()) return fail(page.error_message(), message, position);
    if (!context.missing().empty())
      return fail("nothing is called \"" + context.missing() + "\"", message, position);
  }
  *output = copy(text);
  *output_length = text.size();
  if (*output) return 0;
  return fail("no memory left", message, position);
} catch (const std::exception &error) {
  return fail(error.what(), message, position);
}

}  // extern "C"
