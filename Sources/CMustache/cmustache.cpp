#include "cmustache.h"
