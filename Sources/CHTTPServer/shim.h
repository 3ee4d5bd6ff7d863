#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <microhttpd.h>

// Leaves the path as it came: libmicrohttpd would decode it once, NUL bytes included, before anybody
// could look; Serving decodes it itself and checks what comes out.
static inline size_t dbk_http_keep(void *context, struct MHD_Connection *connection, char *text) {
  (void)context;
  (void)connection;
  return strlen(text);
}

// MHD_start_daemon is variadic. The daemon owns `listener` from here on, and closes it.
static inline struct MHD_Daemon *dbk_http_start(int listener, unsigned int connection_limit,
                                                unsigned int idle_seconds, size_t memory_limit,
                                                MHD_AccessHandlerCallback answer,
                                                MHD_RequestCompletedCallback completed,
                                                MHD_NotifyConnectionCallback connection_changed,
                                                void *context) {
  return MHD_start_daemon(
      MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC, 0, NULL, NULL, answer, context,
      MHD_OPTION_LISTEN_SOCKET, (MHD_socket)listener,
      MHD_OPTION_CONNECTION_LIMIT, connection_limit,
      MHD_OPTION_CONNECTION_TIMEOUT, idle_seconds,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory_limit,
      MHD_OPTION_STRICT_FOR_CLIENT, 1,
      MHD_OPTION_UNESCAPE_CALLBACK, dbk_http_keep, NULL,
      MHD_OPTION_NOTIFY_COMPLETED, completed, context,
      MHD_OPTION_NOTIFY_CONNECTION, connection_changed, context,
      MHD_OPTION_END);
}

// MHD_get_connection_info is variadic. Returns -1 when there is no socket.
static inline int dbk_http_socket(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info ? (int)info->connect_fd : -1;
}

// openat2 has no wrapper in glibc 2.36, and syscall is variadic. Opens `path` for reading if no part
// of it, symbolic links included, leaves `root`. Returns the descriptor or a negated errno.
static inline int dbk_open_beneath(int root, const char *path) {
  struct open_how how;
  memset(&how, 0, sizeof how);
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  long descriptor = syscall(SYS_openat2, root, path, &how, sizeof how);
  return descriptor < 0 ? -errno : (int)descriptor;
}

// Whether libmicrohttpd's enums arrive in Swift as enums or as constants depends on attributes that
// differ between its versions; these do not.
static inline enum MHD_Result dbk_http_result(int is_fine) { return is_fine ? MHD_YES : MHD_NO; }

static inline int dbk_http_is_start(enum MHD_ConnectionNotificationCode change) {
  return change == MHD_CONNECTION_NOTIFY_STARTED;
}

static inline void dbk_http_headers(struct MHD_Connection *connection,
                                    MHD_KeyValueIterator iterator, void *context) {
  MHD_get_connection_values(connection, MHD_HEADER_KIND, iterator, context);
}

// Copies the bytes.
static inline struct MHD_Response *dbk_http_response(size_t count, const void *bytes) {
  return MHD_create_response_from_buffer(count, (void *)(uintptr_t)bytes, MHD_RESPMEM_MUST_COPY);
}

// O_PATH needs _GNU_SOURCE, which Swift's Glibc module is built without.
static inline int dbk_open_path_flag(void) { return 010000000; }
