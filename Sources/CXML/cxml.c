#include "cxml.h"

// libxml2's encoding.h includes ICU's headers where it was built with ICU.
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { error_limit = 50 };

typedef struct {
  xmlBufferPtr errors;
  int count;
} report;

static void collect(void *context, const xmlError *error) {
  report *state = context;
  char line[32];
  if (state->count++ >= error_limit || !error || !error->message) return;
  snprintf(line, sizeof line, "%d: ", error->line);
  xmlBufferCCat(state->errors, line);
  xmlBufferCCat(state->errors, error->message);
}

// The callback's second parameter became const in libxml2 2.12.
#if LIBXML_VERSION >= 21200
#define DBK_HANDLER collect
#else
static void collect_mutable(void *context, xmlErrorPtr error) { collect(context, error); }
#define DBK_HANDLER collect_mutable
#endif

static int is_named(const xmlNode *node, const char *name) {
  return xmlStrcasecmp(node->name, (const xmlChar *)name) == 0;
}

static size_t active_attributes(xmlNode *node) {
  size_t count = 0;
  for (xmlAttr *attribute = node->properties; attribute; attribute = attribute->next) {
    if (xmlStrncasecmp(attribute->name, (const xmlChar *)"on", 2) == 0) count += 1;
    if (!is_named((xmlNode *)attribute, "href") && !is_named((xmlNode *)attribute, "src")) continue;
    xmlChar *value = xmlNodeListGetString(node->doc, attribute->children, 1);
    if (value && xmlStrncasecmp(value, (const xmlChar *)"javascript:", 11) == 0) count += 1;
    xmlFree(value);
  }
  return count;
}

static void walk(xmlNode *node, xmlBufferPtr text, dbk_xml_outline *outline) {
  for (; node; node = node->next) {
    if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) {
      xmlBufferCat(text, node->content);
      continue;
    }
    if (node->type != XML_ELEMENT_NODE) continue;
    outline->elements += 1;
    outline->active_parts += active_attributes(node);
    if (is_named(node, "script")) outline->active_parts += 1;
    const int hidden = is_named(node, "style") || is_named(node, "script") ||
                       (is_named(node, "title") && node->parent && is_named(node->parent, "head"));
    if (hidden) {
      for (xmlNode *child = node->children; child; child = child->next)
        if (child->type == XML_ELEMENT_NODE) outline->elements += 1;
    } else {
      walk(node->children, text, outline);
    }
  }
}

static pthread_once_t once = PTHREAD_ONCE_INIT;

char *dbk_xml_check(const char *bytes, size_t length, char **text, dbk_xml_outline *outline) {
  pthread_once(&once, xmlInitParser);
  report state = {xmlBufferCreate(), 0};
  if (!state.errors) return NULL;
  xmlParserCtxtPtr parser = xmlNewParserCtxt();
  if (!parser) {
    xmlBufferFree(state.errors);
    return NULL;
  }
  xmlSetStructuredErrorFunc(&state, DBK_HANDLER);
  xmlDocPtr document = xmlCtxtReadMemory(parser, bytes, (int)length, "page", "UTF-8",
                                         XML_PARSE_NONET | XML_PARSE_HUGE);
  xmlSetStructuredErrorFunc(NULL, NULL);
  if (!parser->wellFormed && state.count == 0) xmlBufferCCat(state.errors, "0: not well-formed\n");

  dbk_xml_outline counts = {0, 0};
  if (text) *text = NULL;
  if (document) {
    xmlBufferPtr content = xmlBufferCreate();
    if (content) {
      walk(xmlDocGetRootElement(document), content, &counts);
      if (text) *text = strdup((const char *)xmlBufferContent(content));
      xmlBufferFree(content);
    }
  }
  if (outline) *outline = counts;
  char *errors = strdup((const char *)xmlBufferContent(state.errors));
  xmlBufferFree(state.errors);
  xmlFreeDoc(document);
  xmlFreeParserCtxt(parser);
  return errors;
}
