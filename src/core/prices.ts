/** What KMS costs: the one table of prices, and what a key costs by it. */

/**
 * Prices of KMS in US dollars, in most Regions, without the 20,000 free requests a month.
 *
 * @see https://aws.amazon.com/kms/pricing/
 */
export const kmsPrices = {
  /** The day from which AWS has charged these prices. */
  date: '2025-07-01',
  /** A month of a customer managed key of any kind; each multi-Region replica is one. */
  keyMonth: 1,
  /** A month of the key material of each of the first two rotations of a key; further ones cost nothing. */
  rotationMonth: 1,
  paidRotations: 2,
  /** 10,000 requests, by what they need. */
  requests: {
    /** Everything with symmetric and HMAC keys, and everything without cryptography. */
    symmetric: 0.03,
    rsa2048: 0.03,
    /** RSA of 3,072 and 4,096 bits, elliptic curves, ML-DSA. */
    otherAsymmetric: 0.15,
    eccDataKeyPair: 0.1,
    rsaDataKeyPair: 12,
  },
} as const

/** What the price of a key depends on. */
export interface PricedKey {
  /** `AWS` or `CUSTOMER`. */
  readonly manager: string | undefined
  readonly state: string | undefined
  /** Rotations that took place, automatic or on demand. */
  readonly rotations: number
}

/** Whether a key costs nothing: AWS managed keys, and keys that are scheduled for deletion. */
export function isFreeKey({ manager, state }: Omit<PricedKey, 'rotations'>): boolean {
  return manager === 'AWS' || state === 'PendingDeletion' || state === 'PendingReplicaDeletion'
}

/**
 * What a key costs in a month that it exists from beginning to end, in US dollars.
 *
 * @see https://aws.amazon.com/kms/pricing/
 */
export function monthlyCostOf(key: PricedKey): number {
  if (isFreeKey(key)) return 0
  const { keyMonth, rotationMonth, paidRotations } = kmsPrices
  return keyMonth + rotationMonth * Math.min(key.rotations, paidRotations)
}

/**
 * What requests cost at the price of symmetric keys, in US dollars. Which key a request is for, and so what it
 * really costs, its answer does not tell.
 */
export function estimatedCostOf(requests: number): number {
  return (requests * kmsPrices.requests.symmetric) / 10_000
}
