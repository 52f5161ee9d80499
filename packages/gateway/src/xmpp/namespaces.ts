// The namespaces that a gateway has to know, by where they are from. All others pass.

/** RFC 7395, 3.3.2. */
export const FRAMING = 'urn:ietf:params:xml:ns:xmpp-framing';
/** RFC 6120, 4.8. */
export const STREAMS = 'http://etherx.jabber.org/streams';
export const CLIENT = 'jabber:client';
/** RFC 6120, 4.9.2. */
export const STREAM_ERRORS = 'urn:ietf:params:xml:ns:xmpp-streams';
/** RFC 6120, 5.4. */
export const TLS = 'urn:ietf:params:xml:ns:xmpp-tls';
/** RFC 6120, 6.4. */
export const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';
/** XEP-0138: as a feature, and as a command. */
export const COMPRESSION_FEATURE = 'http://jabber.org/features/compress';
export const COMPRESSION = 'http://jabber.org/protocol/compress';
