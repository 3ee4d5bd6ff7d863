// Headers are included by CXML alone; this module only carries the link and include flags.
