/** How a step of a session ended: the numbers of hosts/sim/native/openssl.h. */
export const FINE = 0;
/** The server's certificate is not trusted, comes without its issuer's, or is not for this name. */
export const UNTRUSTED = 1;
/** A certificate that is all right otherwise has expired, or is not yet valid. */
export const EXPIRED = 2;
/** The server wants a client certificate, and there is no RSA key to the one that was given. */
export const NO_KEY = 3;
/** The server has sent an alert, which is no close_notify. */
export const ALERTED = 4;
/** A record is not as the server has sent it. */
export const SPOILT = 5;
// All others: the session's `reason` tells what.
