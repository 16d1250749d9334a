// libcurl's easy and multi interfaces for Swift. setopt and getinfo are variadic, which Swift cannot call: one function for each type of
// argument.
#pragma once

#define CURL_DISABLE_TYPECHECK 1 // its checks are macros over constants; behind the functions below there are none
#include <curl/curl.h>

// Not libcurl: curl_multi_poll counts in milliseconds, and rows fall due in between. A timer descriptor among the waited ones wakes it in
// time; Swift's Glibc module leaves this header out.
#include <sys/timerfd.h>

static inline CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_set_string(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_set_pointer(CURL *easy, CURLoption option, void *value) {
    return curl_easy_setopt(easy, option, value);
}

/// Copies `count` bytes as the body of a POST.
static inline CURLcode ccurl_set_body(CURL *easy, const void *bytes, size_t count) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)count);
    return code == CURLE_OK ? curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, bytes) : code;
}

/// `fields` stays the caller's and must live until the transfer is over.
static inline CURLcode ccurl_set_fields(CURL *easy, struct curl_slist *fields) {
    return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, fields);
}

static inline CURLcode ccurl_set_writer(CURL *easy, size_t (*writer)(char *, size_t, size_t, void *), void *user) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, writer);
    return code == CURLE_OK ? curl_easy_setopt(easy, CURLOPT_WRITEDATA, user) : code;
}

/// 0 when libcurl does not know.
static inline long ccurl_long(CURL *easy, CURLINFO info) {
    long value = 0;
    return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}

/// What was set as CURLOPT_PRIVATE.
static inline void *ccurl_private(CURL *easy) {
    char *value = NULL;
    return curl_easy_getinfo(easy, CURLINFO_PRIVATE, &value) == CURLE_OK ? value : NULL;
}

static inline CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

/// The next finished transfer and how it ended, or NULL.
static inline CURL *ccurl_next_finished(CURLM *multi, CURLcode *result) {
    int left = 0;
    CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        if (message->msg == CURLMSG_DONE) {
            *result = message->data.result;
            return message->easy_handle;
        }
    }
    return NULL;
}
