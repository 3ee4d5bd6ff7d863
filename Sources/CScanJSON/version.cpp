#include "scanjson_version.h"

#include <simdjson.h>

#include <string>

const char *dbk_json_version(void) {
  // The macro SIMDJSON_VERSION is quoted in some releases and not in others.
  static const std::string version = std::to_string(simdjson::SIMDJSON_VERSION_MAJOR) + "." +
                                     std::to_string(simdjson::SIMDJSON_VERSION_MINOR) + "." +
                                     std::to_string(simdjson::SIMDJSON_VERSION_REVISION);
  return version.c_str();
}

const char *dbk_json_processor(void) {
  static const std::string name = simdjson::get_active_implementation()->name();
  return name.c_str();
}
