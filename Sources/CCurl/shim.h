#include <curl/curl.h>

// curl_easy_setopt and curl_easy_getinfo are variadic, which Swift does not import: one function a
// type of argument. All return CURLE_OK or why the option was not taken.

static inline CURLcode dbk_curl_set_long(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode dbk_curl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(handle, option, value);
}

// Also takes char *, struct curl_slist * and buffers: all are object pointers to libcurl.
static inline CURLcode dbk_curl_set_pointer(CURL *handle, CURLoption option, const void *value) {
  return curl_easy_setopt(handle, option, value);
}

// CURLOPT_WRITEFUNCTION, HEADERFUNCTION and READFUNCTION share this signature.
typedef size_t (*dbk_curl_transfer)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode dbk_curl_set_transfer(CURL *handle, CURLoption option,
                                             dbk_curl_transfer callback) {
  return curl_easy_setopt(handle, option, callback);
}

static inline CURLcode dbk_curl_set_progress(CURL *handle, curl_xferinfo_callback callback) {
  return curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, callback);
}

static inline CURLcode dbk_curl_set_debug(CURL *handle, curl_debug_callback callback) {
  return curl_easy_setopt(handle, CURLOPT_DEBUGFUNCTION, callback);
}

static inline CURLcode dbk_curl_get_long(CURL *handle, CURLINFO info, long *value) {
  return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode dbk_curl_get_string(CURL *handle, CURLINFO info, char **value) {
  return curl_easy_getinfo(handle, info, value);
}

// The option was named with three L before 8.2; the old name is a macro later on, which would warn.
static inline CURLcode dbk_curl_allow_refused_recipients(CURL *handle) {
#if LIBCURL_VERSION_NUM >= 0x080200
  return curl_easy_setopt(handle, CURLOPT_MAIL_RCPT_ALLOWFAILS, 1L);
#else
  return curl_easy_setopt(handle, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
#endif
}

// CURL_GLOBAL_DEFAULT is a macro made of macros.
static inline CURLcode dbk_curl_global_init(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }

// The constants of CURLOPT_USE_SSL are an enumeration in older releases and macros in newer ones (8.14,
// in Debian 13), which Swift imports as different types.
static const long dbk_curl_ssl_none = CURLUSESSL_NONE;
static const long dbk_curl_ssl_try = CURLUSESSL_TRY;
static const long dbk_curl_ssl_all = CURLUSESSL_ALL;
