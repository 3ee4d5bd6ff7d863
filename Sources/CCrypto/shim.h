#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

// Macros in OpenSSL 1.1 and 3, which Swift does not see.
static inline int dbk_gcm_set_tag(EVP_CIPHER_CTX *context, int length, void *tag) {
  return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, length, tag);
}
static inline int dbk_gcm_get_tag(EVP_CIPHER_CTX *context, int length, void *tag) {
  return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, length, tag);
}
