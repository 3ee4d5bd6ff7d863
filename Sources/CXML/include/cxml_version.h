// What libxml2 says of itself.
#pragma once

/// The version of the library that is loaded, as `20914` with a suffix of its packager; lives for ever.
const char *dbk_xml_version(void);
