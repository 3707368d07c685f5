#ifdef WITH_OPENSSL
#include "openssl.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#define CLOSE_NOTIFY 0
/* Fatal, protocol_version. */
#define VERSION_ALERT (2 << 8 | 70)

/* All that the SDK has. */
#define CIPHER_SUITES "AES128-SHA:AES256-SHA:AES128-SHA256:AES256-SHA256:" \
	"DHE-RSA-AES128-SHA256:DHE-RSA-AES256-SHA256:DHE-RSA-AES128-GCM-SHA256:" \
	"ECDHE-RSA-AES128-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256"
#define SIGNATURES "ECDSA+SHA256:RSA+SHA256"

/* The SDK knows no extensions but those it needs, and servers without secure renegotiation are no problem to it. */
#define PLAIN (SSL_OP_NO_TICKET | SSL_OP_NO_ENCRYPT_THEN_MAC | SSL_OP_NO_RENEGOTIATION | SSL_OP_LEGACY_SERVER_CONNECT)
#ifdef SSL_OP_NO_EXTENDED_MASTER_SECRET
	#define OPTIONS (PLAIN | SSL_OP_NO_EXTENDED_MASTER_SECRET)
#else
	#define OPTIONS PLAIN
#endif

struct Session {
	SSL_CTX* context;
	SSL* ssl;
	/* Both belong to `ssl`. */
	BIO* in;
	BIO* out;
	EVP_PKEY* key;
	char* serverName;
	bool verify;
	int alert;
	/* What a callback of OpenSSL has found in the present step. */
	Outcome found;
	char reason[128];
};

/* --- The server's certificate --- */

static bool isCurrent(const X509* certificate) {
	return X509_cmp_current_time(X509_get0_notBefore(certificate)) < 0
		&& X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0;
}

/* The SDK looks at alternative names only, and of addresses only at those of IPv4. */
static bool isNamed(X509* certificate, const char* name) {
	unsigned flags = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
	if (!*name)
		return false;
	if (X509_check_host(certificate, name, 0, flags, NULL) == 1)
		return true;
	return !strchr(name, ':') && X509_check_ip_asc(certificate, name, 0) == 1;
}

/* The SDK looks for the name only in certificates that come with another one: a server's certificate alone never has it. */
static bool isAccompanied(X509_STORE_CTX* store) {
	return sk_X509_num(X509_STORE_CTX_get0_untrusted(store)) > 1;
}

/* The dates of the server's own certificate are looked at last, since the SDK says it when only they are wrong. */
static int postponeDates(int ok, X509_STORE_CTX* store) {
	int error = X509_STORE_CTX_get_error(store);
	bool dates = error == X509_V_ERR_CERT_HAS_EXPIRED || error == X509_V_ERR_CERT_NOT_YET_VALID;
	return dates && X509_STORE_CTX_get_error_depth(store) == 0 ? 1 : ok;
}

static int verifyServer(X509_STORE_CTX* store, void* data) {
	Session* session = data;
	X509* certificate = X509_STORE_CTX_get0_cert(store);
	if (!session->verify)
		return 1;
	X509_STORE_CTX_set_verify_cb(store, postponeDates);
	if (X509_verify_cert(store) != 1 || !isAccompanied(store) || !isNamed(certificate, session->serverName))
		session->found = OUTCOME_UNTRUSTED;
	else if (!isCurrent(certificate))
		session->found = OUTCOME_EXPIRED;
	return session->found == OUTCOME_FINE;
}

/* --- The client's certificate --- */

/* Called when the server asks for it. */
static int unlockCertificate(SSL* ssl, void* data) {
	Session* session = data;
	if (!SSL_get_certificate(ssl))
		return 1;
	if (session->key && EVP_PKEY_base_id(session->key) == EVP_PKEY_RSA && SSL_use_PrivateKey(ssl, session->key) == 1)
		return 1;
	session->found = OUTCOME_NO_KEY;
	return 0;
}

/* --- Alerts --- */

static void watchAlerts(const SSL* ssl, int where, int value) {
	Session* session = SSL_get_app_data(ssl);
	if (!(where & SSL_CB_ALERT) || !(where & SSL_CB_READ))
		return;
	session->alert = value;
	if ((value & 0xFF) != CLOSE_NOTIFY)
		session->found = OUTCOME_ALERTED;
}

/* --- Life --- */

static SSL_CTX* makeContext(Session* session) {
	SSL_CTX* context = SSL_CTX_new(TLS_client_method());
	if (!context)
		return NULL;
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_options(context, OPTIONS);
	SSL_CTX_set_cipher_list(context, CIPHER_SUITES);
	SSL_CTX_set1_groups_list(context, "P-256");
	SSL_CTX_set1_sigalgs_list(context, SIGNATURES);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(context, verifyServer, session);
	SSL_CTX_set_cert_cb(context, unlockCertificate, session);
	SSL_CTX_set_info_callback(context, watchAlerts);
	return context;
}

static bool connectSession(Session* session) {
	session->context = makeContext(session);
	session->ssl = session->context ? SSL_new(session->context) : NULL;
	session->in = BIO_new(BIO_s_mem());
	session->out = BIO_new(BIO_s_mem());
	if (!session->ssl || !session->in || !session->out)
		return false;
	SSL_set_app_data(session->ssl, session);
	SSL_set_bio(session->ssl, session->in, session->out);
	SSL_set_connect_state(session->ssl);
	return !*session->serverName || SSL_set_tlsext_host_name(session->ssl, session->serverName);
}

Session* sessionOpen(const char* serverName, bool verify) {
	Session* session = calloc(1, sizeof(Session));
	session->serverName = strdup(serverName);
	session->verify = verify;
	session->alert = -1;
	if (connectSession(session))
		return session;
	sessionClose(session);
	return NULL;
}

void sessionClose(Session* session) {
	EVP_PKEY_free(session->key);
	SSL_free(session->ssl);
	SSL_CTX_free(session->context);
	free(session->serverName);
	free(session);
}

/* --- Before the handshake --- */

static X509* parse(const void* der, size_t length) {
	const unsigned char* bytes = der;
	return d2i_X509(NULL, &bytes, (long)length);
}

Outcome sessionTrust(Session* session, const void* der, size_t length) {
	X509* certificate = parse(der, length);
	if (!certificate)
		return OUTCOME_FAILED;
	bool current = !session->verify || isCurrent(certificate);
	X509_STORE_add_cert(SSL_CTX_get_cert_store(session->context), certificate);
	X509_free(certificate);
	return current ? OUTCOME_FINE : OUTCOME_EXPIRED;
}

Outcome sessionPresent(Session* session, const void* der, size_t length) {
	X509* certificate = parse(der, length);
	if (!certificate)
		return OUTCOME_FAILED;
	if (SSL_get_certificate(session->ssl))
		SSL_add1_chain_cert(session->ssl, certificate);
	else
		SSL_use_certificate(session->ssl, certificate);
	X509_free(certificate);
	return OUTCOME_FINE;
}

/* A key that is none is noticed when it is needed, as in the SDK. */
Outcome sessionUnlock(Session* session, const void* der, size_t length) {
	const unsigned char* bytes = der;
	EVP_PKEY_free(session->key);
	session->key = d2i_AutoPrivateKey(NULL, &bytes, (long)length);
	return OUTCOME_FINE;
}

Outcome sessionOffer(Session* session, const void* protocols, size_t length) {
	return SSL_set_alpn_protos(session->ssl, protocols, (unsigned)length) ? OUTCOME_FAILED : OUTCOME_FINE;
}

/* --- Steps --- */

static bool isVersionError(unsigned long error) {
	int reason = ERR_GET_REASON(error);
	return reason == SSL_R_UNSUPPORTED_PROTOCOL || reason == SSL_R_WRONG_SSL_VERSION
		|| reason == SSL_R_WRONG_VERSION_NUMBER;
}

/* To a server with another version the SDK sends an alert, and believes that all is done. */
static Outcome explain(Session* session, unsigned long error) {
	if (isVersionError(error)) {
		session->alert = VERSION_ALERT;
		return OUTCOME_FINE;
	}
	if (ERR_GET_REASON(error) == SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC)
		return OUTCOME_SPOILT;
	const char* reason = ERR_reason_error_string(error);
	snprintf(session->reason, sizeof(session->reason), "%s", reason ? reason : "unknown");
	return OUTCOME_FAILED;
}

/* The SDK tells its owner what is wrong, not the server: OpenSSL's alerts stay here. */
static Outcome conclude(Session* session, int result) {
	int error = SSL_get_error(session->ssl, result);
	if (error != SSL_ERROR_SSL && error != SSL_ERROR_SYSCALL)
		return session->found;
	BIO_reset(session->out);
	if (session->found == OUTCOME_FINE)
		session->found = explain(session, ERR_peek_last_error());
	return session->found;
}

static void begin(Session* session) {
	session->found = OUTCOME_FINE;
	ERR_clear_error();
}

Outcome sessionGreet(Session* session) {
	begin(session);
	return conclude(session, SSL_do_handshake(session->ssl));
}

Outcome sessionFeed(Session* session, const void* record, size_t length) {
	char first;
	begin(session);
	BIO_write(session->in, record, (int)length);
	return conclude(session, sessionReady(session) ? SSL_peek(session->ssl, &first, 1) : SSL_do_handshake(session->ssl));
}

size_t sessionPending(const Session* session) {
	return BIO_ctrl_pending(session->out);
}

void sessionTake(Session* session, void* target, size_t length) {
	BIO_read(session->out, target, (int)length);
}

bool sessionReady(const Session* session) {
	return SSL_is_init_finished(session->ssl);
}

size_t sessionRead(Session* session, void* target, size_t length) {
	if (!SSL_pending(session->ssl))
		return 0;
	int count = SSL_read(session->ssl, target, (int)length);
	return count > 0 ? (size_t)count : 0;
}

void sessionWrite(Session* session, const void* bytes, size_t length) {
	ERR_clear_error();
	if (length)
		SSL_write(session->ssl, bytes, (int)length);
}

int sessionAlert(const Session* session) {
	return session->alert;
}

const char* sessionReason(const Session* session) {
	return session->reason;
}

#else
/* C wants something in a file. */
typedef int NoSession;
#endif
