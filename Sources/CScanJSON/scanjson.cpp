#include "scanjson.h"
