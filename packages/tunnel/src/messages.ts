// Requests as messages of a WebSocket: PROTOCOL.md, section 11.

/** The subprotocol of such a WebSocket. */
export const MESSAGES_SUBPROTOCOL = 'tidewire-tunnel.v1';

/** What a message of the server is, by its first byte. */
export const MessageKind = { PART: 0, LAST_PART: 1, REFUSAL: 2 } as const;

/** Bytes of the number of a request, in network byte order. */
export const MESSAGE_NUMBER_SIZE = 4;
