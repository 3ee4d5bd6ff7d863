#include "cxml_version.h"

#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED
#include <libxml/globals.h>
#include <libxml/parser.h>

const char *dbk_xml_version(void) { return xmlParserVersion; }
