// Close codes: RFC 6455, 7.4.

/** The codes that RFC 6455 7.4.1 and the IANA registry define and that an endpoint may meet. */
export const CloseCode = {
  NORMAL: 1000,
  GOING_AWAY: 1001,
  PROTOCOL_ERROR: 1002,
  UNSUPPORTED_DATA: 1003,
  /** Never on the wire: the Close frame had no code. */
  NO_STATUS_RECEIVED: 1005,
  /** Never on the wire: the connection ended without a Close frame. */
  ABNORMAL_CLOSURE: 1006,
  INVALID_PAYLOAD: 1007,
  POLICY_VIOLATION: 1008,
  MESSAGE_TOO_BIG: 1009,
  MANDATORY_EXTENSION: 1010,
  INTERNAL_ERROR: 1011,
  SERVICE_RESTART: 1012,
  TRY_AGAIN_LATER: 1013,
  BAD_GATEWAY: 1014,
  /** Never on the wire: the TLS handshake failed. */
  TLS_HANDSHAKE: 1015,
} as const;

/**
 * Whether `code` may stand in a Close frame. 7.4.1 and 7.4.2: 1004, 1005, 1006 and 1015 are reserved, 1016 to 2999 are
 * for future revisions, 3000 to 3999 for libraries and 4000 to 4999 for applications.
 */
export function isCloseCodeAllowedOnWire(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  if (code >= 3000) return code <= 4999;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}
