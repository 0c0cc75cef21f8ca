/** What an error below HTTP means: names, connections and certificates. */

/** Why a server could not be reached, and what to do. */
export interface NetworkFailure {
  readonly reason: string
  readonly hint: string
}

const elsewhere = 'check --endpoint-url, --region and the network, or work offline with --backend mock'
const otherAuthority =
  'name the certificate of a private authority, or of a proxy that reads along, with AWS_CA_BUNDLE'
const otherProtocol: NetworkFailure = {
  reason: 'the server does not speak TLS 1.2 or later',
  hint: 'AWS does; check --endpoint-url, and what stands between',
}
const untrusted: NetworkFailure = {
  reason: 'the certificate of the server is of an authority that is not trusted',
  hint: otherAuthority,
}

const failures: Readonly<Record<string, string | NetworkFailure>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was reset',
  EAI_AGAIN: 'the host name cannot be looked up now',
  ENOTFOUND: 'the host name does not exist',
  EPIPE: 'the connection was closed',
  EPROTO: otherProtocol,
  ETIMEDOUT: 'timed out',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  CERT_HAS_EXPIRED: {
    reason: 'the certificate of the server has expired',
    hint: 'check the clock of this machine; otherwise the server needs a new certificate',
  },
  CERT_NOT_YET_VALID: {
    reason: 'the certificate of the server is not valid yet',
    hint: 'check the clock of this machine',
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    reason: 'the certificate of the server is for another host name',
    hint: 'check the host in --endpoint-url, and what answers there',
  },
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: otherProtocol,
  ERR_SSL_UNSUPPORTED_PROTOCOL: otherProtocol,
  ERR_SSL_WRONG_VERSION_NUMBER: otherProtocol,
}

/** What an error of the network means; nothing when it is another one. */
export function networkFailure(error: Error): NetworkFailure | undefined {
  const { code } = error as NodeJS.ErrnoException
  if (error.name === 'TimeoutError') return { reason: 'timed out', hint: elsewhere }
  if (typeof code !== 'string') return undefined
  const known = Object.hasOwn(failures, code) ? failures[code] : undefined
  if (known !== undefined) return typeof known === 'string' ? { reason: known, hint: elsewhere } : known
  if (/^(ERR_TLS|CERT_|UNABLE_TO|ERR_SSL)/.test(code)) return { reason: `TLS: ${code}`, hint: elsewhere }
  return undefined
}
