// One exchange of HTTP by libcurl, whose options are variadic and so not for Swift to set.
#ifndef CCURL_EXCHANGE_H
#define CCURL_EXCHANGE_H

#include <stddef.h>

// What is sent, and how. Texts end with a zero; NULL where there is none.
struct ccurl_request {
    const char *method;
    const char *url;
    // Lines "Name: value", and their number.
    const char *const *headers;
    size_t header_count;
    const char *body;
    size_t body_length;
    // Milliseconds for connecting, and for all.
    long connect_limit;
    long limit;
    // "http://host:port", or NULL to go directly whatever the environment says.
    const char *proxy;
    // A file of certificates that are believed instead of the system's.
    const char *certificates;
};

// What became of it.
enum ccurl_outcome {
    // An answer came: `status`, `body` and `retry_after` hold.
    CCURL_ANSWERED,
    // Nothing was sent: nobody there, no such name, or not who they should be.
    CCURL_NOT_CONNECTED,
    // No connection within its limit; nothing was sent.
    CCURL_CONNECT_LIMIT,
    // No whole answer within the limit.
    CCURL_LIMIT,
    // The connection ended before an answer.
    CCURL_CUT,
    // Stopped by `ccurl_stop`.
    CCURL_STOPPED,
    // Anything else; nothing was sent.
    CCURL_UNUSABLE
};

struct ccurl_reply {
    enum ccurl_outcome outcome;
    long status;
    // The beginning of the body: room for `capacity` bytes, of which `length` came. What is longer is not read.
    char *body;
    size_t capacity;
    size_t length;
    // The header Retry-After, empty where there is none.
    char retry_after[64];
    // What libcurl says of a failure: hosts and ports, no path and no header.
    char problem[256];
};

// What one exchange is done with, and stopped by.
struct ccurl_exchange;

// Creates one; NULL where there is no memory.
struct ccurl_exchange *ccurl_create(void);

// Sends and waits for the answer, on the calling thread. No redirection is followed.
void ccurl_run(struct ccurl_exchange *exchange, const struct ccurl_request *request, struct ccurl_reply *reply);

// Ends the exchange at once, before it began too. From any thread.
void ccurl_stop(struct ccurl_exchange *exchange);

// Gives it back, once nobody runs or stops it.
void ccurl_free(struct ccurl_exchange *exchange);

#endif
