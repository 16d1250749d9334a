// OpenSSL 3 as TLS uses it. The inline functions wrap what Swift cannot import: function-like macros.
#ifndef WEIR_COPENSSL_H
#define WEIR_COPENSSL_H

#include <string.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>

static inline int weir_ssl_ctx_min_version(SSL_CTX *ctx, int version) { return (int)SSL_CTX_set_min_proto_version(ctx, version); }
static inline int weir_ssl_ctx_groups(SSL_CTX *ctx, const char *list) { return (int)SSL_CTX_set1_groups_list(ctx, list); }
// The options are 64-bit function-like macros. No renegotiation, no compression, the server's order of ciphers, and a peer that ends without
// close_notify is an end, not an error. Buffers are released while idle: 38 KB an idle h2 connection instead of 49 KB. Session tickets are
// stateless, so the session cache is off.
static inline void weir_ssl_ctx_rules(SSL_CTX *ctx) {
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                                 SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
}
// Keys of session tickets: 80 bytes, of which OpenSSL makes a name, an HMAC key and an AES-256 key.
static inline int weir_ssl_ctx_ticket_keys(SSL_CTX *ctx, const unsigned char *keys) {
    return (int)SSL_CTX_set_tlsext_ticket_keys(ctx, (void *)keys, 80);
}
static inline void weir_bio_retry_read(BIO *bio) { BIO_set_retry_read(bio); }
static inline void weir_bio_clear_retry(BIO *bio) { BIO_clear_retry_flags(bio); }

#endif
