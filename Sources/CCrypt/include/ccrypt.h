// crypt_r of libxcrypt, for hashes of passphrases that others made.
#pragma once

#include <stddef.h>

// Hashes a passphrase by a setting (a hash's own text does) and writes the hash with its NUL to `output`.
// 0 when that worked; -1 for a setting that libxcrypt does not know, too small a buffer, no memory.
int dbk_crypt(const char *passphrase, const char *setting, char *output, size_t capacity);

// The version of libxcrypt's headers at the build: the library does not tell its own.
const char *dbk_crypt_version(void);
