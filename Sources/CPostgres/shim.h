#include <libpq-fe.h>
// Wakes a thread that waits for a server.
#include <sys/eventfd.h>
