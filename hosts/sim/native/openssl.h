/* The client's side of a TLS 1.2 connection, from and to memory, with the cipher suites of the Moddable SDK. */
#ifndef SIM_OPENSSL_H
#define SIM_OPENSSL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a step ended. The numbers are also in hosts/sim/tls/outcome.ts. */
typedef enum Outcome {
	OUTCOME_FINE,
	/* The server's certificate is not trusted, not complete, or not for this name. */
	OUTCOME_UNTRUSTED,
	/* A certificate that is all right otherwise has expired, or is not yet valid. */
	OUTCOME_EXPIRED,
	/* The server wants a client certificate, and there is no RSA key to the one that was given. */
	OUTCOME_NO_KEY,
	/* The server has sent an alert, which is no close_notify. */
	OUTCOME_ALERTED,
	/* A record is not as the server has sent it. */
	OUTCOME_SPOILT,
	/* Anything else: see sessionReason(). */
	OUTCOME_FAILED,
} Outcome;

typedef struct Session Session;

/* Without `verify` every server is trusted, and so is every certificate, whatever its dates. NULL without memory. */
Session* sessionOpen(const char* serverName, bool verify);
void sessionClose(Session* session);

/* What to trust and to present, in DER, and which protocols to offer, in ALPN's wire format. To be called first. */
Outcome sessionTrust(Session* session, const void* der, size_t length);
Outcome sessionPresent(Session* session, const void* der, size_t length);
Outcome sessionUnlock(Session* session, const void* der, size_t length);
Outcome sessionOffer(Session* session, const void* protocols, size_t length);

/* Begins the handshake. */
Outcome sessionGreet(Session* session);

/* Takes one record that the server has sent. */
Outcome sessionFeed(Session* session, const void* record, size_t length);

/* Bytes that wait to be sent to the server; moves as many as fit into `target`. */
size_t sessionPending(const Session* session);
void sessionTake(Session* session, void* target, size_t length);

/* Is the handshake done? */
bool sessionReady(const Session* session);

/* What the record said that was fed last; never more bytes than that had. */
size_t sessionRead(Session* session, void* target, size_t length);
void sessionWrite(Session* session, const void* bytes, size_t length);

/* The alert that came last, or the one that is due for a server with another version: level << 8 | description. -1: none. */
int sessionAlert(const Session* session);

/* Why a step has failed, in OpenSSL's words. */
const char* sessionReason(const Session* session);

#endif
