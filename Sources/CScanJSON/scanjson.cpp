#include "scanjson.h"

#include <cstdlib>
#include <cstring>
#include <new>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif
#include <simdjson.h>

namespace ondemand = simdjson::ondemand;

struct dbk_json_parser {
  ondemand::parser parser;
  // A copy of the text with every byte above ASCII replaced, for texts that are no UTF-8.
  uint8_t *ascii = nullptr;
  size_t ascii_capacity = 0;
  ~dbk_json_parser() { std::free(ascii); }
};

dbk_json_parser *dbk_json_parser_create(void) { return new (std::nothrow) dbk_json_parser; }

void dbk_json_parser_destroy(dbk_json_parser *parser) { delete parser; }

size_t dbk_json_string_end(const uint8_t *text, size_t length) {
  size_t i = 0;
  while (i < length) {
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\');
    while (i + 16 <= length) {
      const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i *>(text + i));
      const int mask = _mm_movemask_epi8(
          _mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash)));
      if (mask != 0) {
        i += static_cast<size_t>(__builtin_ctz(static_cast<unsigned>(mask)));
        break;
      }
      i += 16;
    }
    if (i >= length) return length;
#endif
    if (text[i] == '"') return i;
    i += text[i] == '\\' ? 2 : 1;
  }
  return length;
}

namespace {

bool is_space(uint8_t byte) {
  return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

// simdjson's own codes are positive; ours start behind them.
constexpr int32_t no_object = 1000;
constexpr int32_t trailing_content = 1001;
constexpr int32_t out_of_memory = 1002;
constexpr int32_t too_large = 1003;

uint32_t offset_in(const uint8_t *text, const char *pointer) {
  return static_cast<uint32_t>(reinterpret_cast<const uint8_t *>(pointer) - text);
}

// Fills in the value of `out`; the string's end is looked for because simdjson does not tell it.
simdjson::error_code describe(const uint8_t *text, size_t length, ondemand::value value,
                              dbk_json_field &out) {
  ondemand::json_type type;
  if (auto error = value.type().get(type)) return error;
  std::string_view raw;
  switch (type) {
  case ondemand::json_type::object: {
    ondemand::object object;
    if (auto error = value.get_object().get(object)) return error;
    if (auto error = object.raw_json().get(raw)) return error;
    out.kind = DBK_JSON_OBJECT;
    break;
  }
  case ondemand::json_type::array: {
    ondemand::array array;
    if (auto error = value.get_array().get(array)) return error;
    if (auto error = array.raw_json().get(raw)) return error;
    out.kind = DBK_JSON_ARRAY;
    break;
  }
  default:
    raw = value.raw_json_token();
    out.kind = type == ondemand::json_type::string   ? DBK_JSON_STRING
               : type == ondemand::json_type::number ? DBK_JSON_NUMBER
                                                     : DBK_JSON_OTHER;
  }
  out.value_offset = offset_in(text, raw.data());
  if (out.kind == DBK_JSON_STRING) {
    out.value_offset += 1;
    out.value_length = static_cast<uint32_t>(
        dbk_json_string_end(text + out.value_offset, length - out.value_offset));
    return simdjson::SUCCESS;
  }
  size_t size = raw.size();
  while (size > 0 && is_space(static_cast<uint8_t>(raw[size - 1]))) size -= 1;
  out.value_length = static_cast<uint32_t>(size);
  return simdjson::SUCCESS;
}

int32_t list_fields(ondemand::parser &parser, const uint8_t *text, size_t length,
                    dbk_json_field *fields, int32_t limit) {
  ondemand::document document;
  const simdjson::padded_string_view view(reinterpret_cast<const char *>(text), length,
                                          length + DBK_JSON_PADDING);
  if (auto error = parser.iterate(view).get(document)) return -static_cast<int32_t>(error);
  ondemand::object object;
  if (auto error = document.get_object().get(object)) {
    return error == simdjson::INCORRECT_TYPE ? -no_object : -static_cast<int32_t>(error);
  }
  int32_t count = 0;
  for (auto result : object) {
    ondemand::field field;
    if (auto error = std::move(result).get(field)) return -static_cast<int32_t>(error);
    dbk_json_field out{};
    out.key_offset = offset_in(text, field.key().raw());
    out.key_length = static_cast<uint32_t>(
        dbk_json_string_end(text + out.key_offset, length - out.key_offset));
    if (auto error = describe(text, length, field.value(), out)) {
      return -static_cast<int32_t>(error);
    }
    if (count < limit) fields[count] = out;
    count += 1;
  }
  // `at_end` came with simdjson 3.2; a location out of bounds says the same in 3.0.
  const bool at_end = document.current_location().error() == simdjson::OUT_OF_BOUNDS;
  return at_end ? count : -trailing_content;
}

} // namespace

int32_t dbk_json_fields(dbk_json_parser *parser, const uint8_t *text, size_t length,
                        dbk_json_field *fields, int32_t limit) {
  if (length >= UINT32_MAX - DBK_JSON_PADDING) return -too_large;
  const int32_t result = list_fields(parser->parser, text, length, fields, limit);
  if (result != -static_cast<int32_t>(simdjson::UTF8_ERROR)) return result;
  if (parser->ascii_capacity < length + DBK_JSON_PADDING) {
    auto *grown = static_cast<uint8_t *>(std::realloc(parser->ascii, length + DBK_JSON_PADDING));
    if (grown == nullptr) return -out_of_memory;
    parser->ascii = grown;
    parser->ascii_capacity = length + DBK_JSON_PADDING;
  }
  for (size_t i = 0; i < length; i += 1) parser->ascii[i] = text[i] < 0x80 ? text[i] : '?';
  std::memset(parser->ascii + length, 0, DBK_JSON_PADDING);
  return list_fields(parser->parser, parser->ascii, length, fields, limit);
}

const char *dbk_json_error(int32_t result) {
  switch (-result) {
  case no_object: return "not a JSON object";
  case trailing_content: return "text behind the JSON object";
  case out_of_memory: return "no memory";
  case too_large: return "a JSON object of 4 GB or more";
  case simdjson::EMPTY: return "empty";
  case simdjson::UNCLOSED_STRING: return "a JSON string without its end";
  case simdjson::INCOMPLETE_ARRAY_OR_OBJECT: return "a JSON object without its end";
  case simdjson::UNESCAPED_CHARS: return "a control character inside a JSON string";
  default: return "not valid JSON";
  }
}

int dbk_logcli_split(const uint8_t *text, size_t length, dbk_logcli_line *parts) {
  static const char head[] = "{\"labels\":{";
  static const char middle[] = "},\"line\":\"";
  static const char tail[] = "\",\"timestamp\":\"";
  constexpr size_t head_length = sizeof head - 1, middle_length = sizeof middle - 1,
                   tail_length = sizeof tail - 1;
  if (length >= UINT32_MAX || length < head_length + middle_length + tail_length + 2) return 0;
  if (std::memcmp(text, head, head_length) != 0) return 0;
  // A quote inside a label is escaped, so that the first match ends the label object. Most labels hold no
  // brace, so that looking for one finds it at once.
  const size_t labels = head_length - 1;
  size_t close = labels;
  while (true) {
    const void *found = std::memchr(text + close, '}', length - close);
    if (found == nullptr) return 0;
    close = static_cast<size_t>(static_cast<const uint8_t *>(found) - text);
    if (length - close < middle_length) return 0;
    if (std::memcmp(text + close, middle, middle_length) == 0) break;
    close += 1;
  }
  const size_t line = close + middle_length;
  const size_t line_length = dbk_json_string_end(text + line, length - line);
  const size_t end = line + line_length;
  if (end + tail_length + 2 > length || std::memcmp(text + end, tail, tail_length) != 0) return 0;
  const size_t time = end + tail_length;
  if (text[length - 1] != '}' || text[length - 2] != '"') return 0;
  const size_t time_length = length - 2 - time;
  if (std::memchr(text + time, '"', time_length) != nullptr) return 0;
  *parts = {static_cast<uint32_t>(labels),      static_cast<uint32_t>(close + 1 - labels),
            static_cast<uint32_t>(line),        static_cast<uint32_t>(line_length),
            static_cast<uint32_t>(time),        static_cast<uint32_t>(time_length)};
  return 1;
}

namespace {

// Four hex digits; -1 where there are none.
int32_t hex4(const uint8_t *text, size_t length) {
  if (length < 4) return -1;
  int32_t value = 0;
  for (int i = 0; i < 4; i += 1) {
    const uint8_t byte = text[i];
    const uint8_t lower = byte | 0x20;
    int digit;
    if (byte >= '0' && byte <= '9') {
      digit = byte - '0';
    } else if (lower >= 'a' && lower <= 'f') {
      digit = lower - 'a' + 10;
    } else {
      return -1;
    }
    value = value * 16 + digit;
  }
  return value;
}

size_t put_utf8(uint32_t scalar, uint8_t *out) {
  if (scalar < 0x80) {
    out[0] = static_cast<uint8_t>(scalar);
    return 1;
  }
  if (scalar < 0x800) {
    out[0] = static_cast<uint8_t>(0xC0 | scalar >> 6);
    out[1] = static_cast<uint8_t>(0x80 | (scalar & 0x3F));
    return 2;
  }
  if (scalar < 0x10000) {
    out[0] = static_cast<uint8_t>(0xE0 | scalar >> 12);
    out[1] = static_cast<uint8_t>(0x80 | (scalar >> 6 & 0x3F));
    out[2] = static_cast<uint8_t>(0x80 | (scalar & 0x3F));
    return 3;
  }
  out[0] = static_cast<uint8_t>(0xF0 | scalar >> 18);
  out[1] = static_cast<uint8_t>(0x80 | (scalar >> 12 & 0x3F));
  out[2] = static_cast<uint8_t>(0x80 | (scalar >> 6 & 0x3F));
  out[3] = static_cast<uint8_t>(0x80 | (scalar & 0x3F));
  return 4;
}

// Reads the digits of `\uXXXX`, with its low surrogate where one follows (RFC 8259 §7).
// Returns how many bytes were used, 0 for a bad escape.
size_t unicode_escape(const uint8_t *text, size_t length, uint32_t &scalar) {
  const int32_t first = hex4(text, length);
  if (first < 0) return 0;
  scalar = static_cast<uint32_t>(first);
  if (scalar < 0xD800 || scalar > 0xDFFF) return 4;
  if (scalar < 0xDC00 && length >= 10 && text[4] == '\\' && text[5] == 'u') {
    const int32_t second = hex4(text + 6, length - 6);
    if (second >= 0xDC00 && second <= 0xDFFF) {
      scalar = 0x10000 + ((scalar - 0xD800) << 10) + static_cast<uint32_t>(second - 0xDC00);
      return 10;
    }
  }
  scalar = 0xFFFD;
  return 4;
}

} // namespace

ptrdiff_t dbk_json_unescape(const uint8_t *text, size_t length, uint8_t *out) {
  size_t read = 0, written = 0;
  while (read < length) {
    const void *found = std::memchr(text + read, '\\', length - read);
    const size_t run = found == nullptr
                           ? length - read
                           : static_cast<size_t>(static_cast<const uint8_t *>(found) - text) - read;
    std::memcpy(out + written, text + read, run);
    read += run;
    written += run;
    if (read >= length) break;
    if (read + 1 >= length) return -1;
    const uint8_t escape = text[read + 1];
    read += 2;
    switch (escape) {
    case '"': case '\\': case '/': out[written++] = escape; break;
    case 'n': out[written++] = '\n'; break;
    case 't': out[written++] = '\t'; break;
    case 'r': out[written++] = '\r'; break;
    case 'b': out[written++] = '\b'; break;
    case 'f': out[written++] = '\f'; break;
    case 'u': {
      uint32_t scalar;
      const size_t used = unicode_escape(text + read, length - read, scalar);
      if (used == 0) return -1;
      read += used;
      written += put_utf8(scalar, out + written);
      break;
    }
    default: return -1;
    }
  }
  return static_cast<ptrdiff_t>(written);
}

size_t dbk_json_skip(dbk_json_scan *scan, const uint8_t *text, size_t length) {
  size_t i = 0;
  while (i < length) {
    if (scan->escaped) {
      scan->escaped = 0;
      i += 1;
      continue;
    }
    if (scan->in_string) {
      const size_t end = dbk_json_string_end(text + i, length - i);
      if (i + end >= length) {
        // The string goes on; an odd run of backslashes at the block's end escapes what follows.
        size_t slashes = 0;
        while (slashes < length - i && text[length - 1 - slashes] == '\\') slashes += 1;
        scan->escaped = slashes & 1;
        return length;
      }
      i += end + 1;
      scan->in_string = 0;
      continue;
    }
    switch (text[i++]) {
    case '"': scan->in_string = 1; break;
    case '{': case '[': scan->depth += 1; break;
    case '}': case ']':
      scan->depth -= 1;
      if (scan->depth == 0) return i;
      break;
    default: break;
    }
  }
  return length;
}

namespace {

// Multiply and fold, the step of wyhash and of Abseil's hash.
// Source: Wang Yi, wyhash, final version 4.
inline uint64_t mix(uint64_t a, uint64_t b) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

inline uint64_t load64(const uint8_t *bytes) {
  uint64_t value;
  std::memcpy(&value, bytes, 8);
  return value;
}

} // namespace

dbk_hash128_value dbk_hash128(const void *data, size_t length, uint64_t seed) {
  constexpr uint64_t s0 = 0xa0761d6478bd642full, s1 = 0xe7037ed1a0b428dbull,
                     s2 = 0x8ebc6af09c88c6e3ull, s3 = 0x589965cc75374cc3ull;
  const auto *bytes = static_cast<const uint8_t *>(data);
  uint64_t a = seed ^ s0, b = seed ^ s3;
  size_t left = length;
  for (; left >= 16; left -= 16, bytes += 16) {
    const uint64_t x = load64(bytes), y = load64(bytes + 8);
    a = mix(x ^ s1, y ^ a);
    b = mix(y ^ s2, x ^ b);
  }
  uint8_t tail[16] = {0};
  std::memcpy(tail, bytes, left);
  const uint64_t x = load64(tail), y = load64(tail + 8);
  a = mix(x ^ s2, y ^ a);
  b = mix(y ^ s1, x ^ b);
  return {mix(a ^ s3, b ^ length), mix(b ^ s0, a ^ (length + s1))};
}
