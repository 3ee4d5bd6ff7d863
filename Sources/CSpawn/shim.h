#include <spawn.h>

// GNU extensions that Swift's C library module hides, since it is built without _GNU_SOURCE.
extern int pipe2(int ends[2], int flags);
extern int memfd_create(const char *name, unsigned int flags);
extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int first);

// Opens a pipe; with O_CLOEXEC its ends are closed on exec.
static inline int dbk_pipe2(int ends[2], int flags) { return pipe2(ends, flags); }

// Makes a file that lives in memory and is closed on exec (MFD_CLOEXEC of <sys/mman.h>, which also
// needs _GNU_SOURCE).
static inline int dbk_memory_file(const char *name) { return memfd_create(name, 1U); }

// Changes the child's working directory (glibc 2.29).
static inline int dbk_spawn_change_directory(posix_spawn_file_actions_t *actions, const char *path) {
  return posix_spawn_file_actions_addchdir_np(actions, path);
}

// Closes every descriptor from `first` on in the child (glibc 2.34).
static inline int dbk_spawn_close_from(posix_spawn_file_actions_t *actions, int first) {
  return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

// POSIX_SPAWN_SETSID of <spawn.h>, guarded there by _GNU_SOURCE.
enum { dbk_spawn_setsid = 0x80 };
