// libxml2 behind a C interface of our own: its headers pull in ICU, which clashes with Foundation's.
#pragma once
#include <stddef.h>

#include "cxml_version.h"

/// What a document holds, counted by libxml2.
typedef struct {
  /// Elements, the root included.
  size_t elements;
  /// `script` elements, attributes whose name starts with `on`, and `href` or `src` attributes that
  /// start with `javascript:`, whatever their case.
  size_t active_parts;
} dbk_xml_outline;

/// Reads a page as XML (no network, no entities from outside).
///
/// - `errors`: what is not well-formed, one `line: message` a line, at most 50; empty when it is.
///   To be freed by the caller with `free`; NULL only without memory.
/// - `text`: the text of all elements but `style`, `script` and `title` of the head, joined; NULL when
///   the page is not well-formed or `text` itself is NULL. To be freed by the caller with `free`.
/// - `outline`: counts; may be NULL.
char *dbk_xml_check(const char *bytes, size_t length, char **text, dbk_xml_outline *outline);
