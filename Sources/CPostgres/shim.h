#include <libpq-fe.h>
// Wakes a thread that waits for a server.
#include <sys/eventfd.h>

#include <stdint.h>
#include <stddef.h>

// OpenSSL's own, where libpq was built with it.
extern int OPENSSL_init_crypto(uint64_t, const void *) __attribute__((weak));

// Keeps OpenSSL in order when the process ends: it would else be torn down under threads that still connect, and they
// would crash. To be called before anything connects.
static inline void verdict_keep_openssl(void) {
    const uint64_t no_atexit = 0x00080000;
    if (OPENSSL_init_crypto) OPENSSL_init_crypto(no_atexit, NULL);
}
