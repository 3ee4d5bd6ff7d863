// Headers are C++ and are included by CScanJSON alone; this module only carries the flags.
