#define _GNU_SOURCE
#include "ccrypt.h"

#include <crypt.h>
#include <stdlib.h>
#include <string.h>

int dbk_crypt(const char *passphrase, const char *setting, char *output, size_t capacity) {
  // 32 KB, which hold traces of the passphrase afterwards.
  struct crypt_data *scratch = calloc(1, sizeof *scratch);
  if (scratch == NULL) return -1;
  const char *hash = crypt_r(passphrase, setting, scratch);
  int status = -1;
  // A failed call answers NULL or a text that begins with `*`.
  if (hash != NULL && hash[0] == '$' && strlen(hash) < capacity) {
    memcpy(output, hash, strlen(hash) + 1);
    status = 0;
  }
  explicit_bzero(scratch, sizeof *scratch);
  free(scratch);
  return status;
}

const char *dbk_crypt_version(void) { return XCRYPT_VERSION_STR; }
