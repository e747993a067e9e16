#include "exchange.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct ccurl_exchange {
    CURLM *loop;
    atomic_bool stopped;
};

// OpenSSL's own, where libcurl was built with it.
extern int OPENSSL_init_crypto(uint64_t, const void *) __attribute__((weak));

static void start(void) {
    // It would else be torn down under threads that still connect when the process ends.
    const uint64_t no_atexit = 0x00080000;
    if (OPENSSL_init_crypto) OPENSSL_init_crypto(no_atexit, NULL);
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

struct ccurl_exchange *ccurl_create(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start);
    struct ccurl_exchange *exchange = calloc(1, sizeof *exchange);
    if (!exchange) return NULL;
    exchange->loop = curl_multi_init();
    if (exchange->loop) return exchange;
    free(exchange);
    return NULL;
}

void ccurl_stop(struct ccurl_exchange *exchange) {
    atomic_store(&exchange->stopped, 1);
    curl_multi_wakeup(exchange->loop);
}

void ccurl_free(struct ccurl_exchange *exchange) {
    curl_multi_cleanup(exchange->loop);
    free(exchange);
}

// Keeps what there is room for; an answer that is longer ends the exchange.
static size_t take_body(char *bytes, size_t size, size_t count, void *context) {
    struct ccurl_reply *reply = context;
    const size_t offered = size * count;
    const size_t room = reply->capacity - reply->length;
    const size_t taken = offered < room ? offered : room;
    memcpy(reply->body + reply->length, bytes, taken);
    reply->length += taken;
    return taken == offered ? offered : 0;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *context) {
    static const char name[] = "Retry-After:";
    struct ccurl_reply *reply = context;
    const size_t length = size * count;
    size_t at = sizeof name - 1, kept = 0;
    if (length <= at || strncasecmp(bytes, name, at) != 0) return length;
    while (at < length && (bytes[at] == ' ' || bytes[at] == '\t')) at++;
    while (at < length && bytes[at] >= ' ' && kept < sizeof reply->retry_after - 1)
        reply->retry_after[kept++] = bytes[at++];
    reply->retry_after[kept] = 0;
    return length;
}

static void set(CURL *handle, const struct ccurl_request *request, struct curl_slist *headers,
                struct ccurl_reply *reply) {
    curl_easy_setopt(handle, CURLOPT_URL, request->url);
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request->method);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    if (request->body_length) {
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request->body);
        curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
    }
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    // Signals belong to the program.
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
    // A name server that does not answer must not hold up the end: whoever asks it is left to itself.
    curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);
#endif
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, request->connect_limit);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, request->limit);
    // An empty name keeps libcurl from asking the environment itself.
    curl_easy_setopt(handle, CURLOPT_PROXY, request->proxy ? request->proxy : "");
    curl_easy_setopt(handle, CURLOPT_NOPROXY, "");
    if (request->certificates) curl_easy_setopt(handle, CURLOPT_CAINFO, request->certificates);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, reply);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, reply);
}

static int is_connected(CURL *handle) {
    curl_off_t sent_after = 0;
    curl_easy_getinfo(handle, CURLINFO_PRETRANSFER_TIME_T, &sent_after);
    return sent_after > 0;
}

static enum ccurl_outcome outcome(CURL *handle, CURLcode code, const struct ccurl_reply *reply) {
    switch (code) {
    case CURLE_OK: return CCURL_ANSWERED;
    case CURLE_WRITE_ERROR: return reply->length == reply->capacity ? CCURL_ANSWERED : CCURL_CUT;
    case CURLE_OPERATION_TIMEDOUT: return is_connected(handle) ? CCURL_LIMIT : CCURL_CONNECT_LIMIT;
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM: return CCURL_CUT;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_OUT_OF_MEMORY:
    case CURLE_SSL_CACERT_BADFILE: return CCURL_UNUSABLE;
    default: return is_connected(handle) ? CCURL_CUT : CCURL_NOT_CONNECTED;
    }
}

// Drives the transfer to its end; 0 when it was stopped.
static int drive(struct ccurl_exchange *exchange, CURLcode *code) {
    const int longest_wait = 1000;
    int running = 1;
    while (1) {
        if (atomic_load(&exchange->stopped)) return 0;
        *code = curl_multi_perform(exchange->loop, &running) == CURLM_OK ? CURLE_OK : CURLE_FAILED_INIT;
        if (*code != CURLE_OK) return 1;
        if (!running) break;
        curl_multi_poll(exchange->loop, NULL, 0, longest_wait, NULL);
    }
    int left;
    const CURLMsg *message = curl_multi_info_read(exchange->loop, &left);
    *code = message ? message->data.result : CURLE_FAILED_INIT;
    return 1;
}

void ccurl_run(struct ccurl_exchange *exchange, const struct ccurl_request *request, struct ccurl_reply *reply) {
    char problem[CURL_ERROR_SIZE] = "";
    reply->outcome = CCURL_UNUSABLE;
    reply->status = 0;
    reply->length = 0;
    reply->retry_after[0] = 0;
    reply->problem[0] = 0;
    CURL *handle = curl_easy_init();
    if (!handle) return;
    // An empty Expect keeps the body from waiting for leave.
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
    for (size_t at = 0; at < request->header_count; at++)
        headers = curl_slist_append(headers, request->headers[at]);
    set(handle, request, headers, reply);
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, problem);

    CURLcode code = CURLE_OK;
    curl_multi_add_handle(exchange->loop, handle);
    if (drive(exchange, &code)) {
        reply->outcome = outcome(handle, code, reply);
        curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &reply->status);
        if (reply->outcome != CCURL_ANSWERED) {
            const char *said = problem[0] ? problem : curl_easy_strerror(code);
            strncpy(reply->problem, said, sizeof reply->problem - 1);
            reply->problem[sizeof reply->problem - 1] = 0;
        }
    } else {
        reply->outcome = CCURL_STOPPED;
    }
    curl_multi_remove_handle(exchange->loop, handle);
    curl_easy_cleanup(handle);
    curl_slist_free_all(headers);
}
