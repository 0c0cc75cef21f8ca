/** Tiers: which one a write ends up in, and the limits that go with it. */

import { AwsException, validationException } from '../exceptions.ts'
import type { Context } from '../operation.ts'
import { parameterCount, type Tier } from './parameter-record.ts'

const longestValue: Readonly<Record<Tier, number>> = { Standard: 4096, Advanced: 8192 }
const mostParameters: Readonly<Record<Tier, number>> = { Standard: 10_000, Advanced: 100_000 }

/**
 * The tier of a new version. It never goes down; Intelligent-Tiering takes Advanced when it has to.
 *
 * @param before tier of the present version; undefined for a new parameter
 * @param version length of the value in UTF-8, and whether there are policies
 * @throws AwsException ValidationException for a downgrade, a value that is too long, or policies that are not Advanced;
 *   ParameterLimitExceeded at 10,000 Standard or 100,000 Advanced parameters
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
 */
export function chooseTier(
  context: Context,
  wanted: string | undefined,
  before: Tier | undefined,
  { bytes, hasPolicies }: { readonly bytes: number; readonly hasPolicies: boolean },
): Tier {
  if (before === 'Advanced' && wanted === 'Standard') {
    throw validationException(
      "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the " +
        'advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced ' +
        'parameter and recreate it as a standard parameter.',
    )
  }
  const full = before === undefined && parameterCount(context, 'Standard') >= mostParameters.Standard
  const mustGrow = bytes > longestValue.Standard || hasPolicies || full
  const grows = wanted === 'Advanced' || (wanted === 'Intelligent-Tiering' && mustGrow)
  const tier: Tier = before === 'Advanced' || grows ? 'Advanced' : 'Standard'
  if (hasPolicies && tier === 'Standard') {
    throw validationException("You can't assign parameter policies to a standard-parameter tier.")
  }
  checkLength(tier, bytes)
  if (before !== tier && parameterCount(context, tier) >= mostParameters[tier]) throw quotaReached(tier)
  return tier
}

function checkLength(tier: Tier, bytes: number): void {
  if (bytes <= longestValue[tier]) return
  throw validationException(
    tier === 'Standard'
      ? 'Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger ' +
          'parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see ' +
          'https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html'
      : 'The specified parameter value is too large. Advanced-tier parameters support a maximum parameter value ' +
          'of 8192 characters.',
  )
}

function quotaReached(tier: Tier): AwsException {
  const most = mostParameters[tier]
  return new AwsException(
    'ParameterLimitExceeded',
    `You have reached the maximum number of ${tier.toLowerCase()} parameters for this AWS account and Region ` +
      `(${most}). To add more parameters, either delete existing parameters` +
      (tier === 'Standard' ? ' or upgrade to the advanced-parameter tier (charges apply).' : '.'),
  )
}
