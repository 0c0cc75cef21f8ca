/** Amazon resource names: partitions, and the parts of an ARN. */

/** The six colon-separated parts of an ARN; `resource` may hold further colons. */
export interface Arn {
  readonly partition: string
  readonly service: string
  readonly region: string
  readonly account: string
  readonly resource: string
}

/**
 * Splits an ARN, or gives undefined for text of another form. The parts are not judged.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
 */
export function parseArn(text: string): Arn | undefined {
  const [scheme, partition, service, region, account, ...resource] = text.split(':')
  if (scheme !== 'arn' || !partition || !service || region === undefined || account === undefined)
    return undefined
  if (resource.length === 0) return undefined
  return { partition, service, region, account, resource: resource.join(':') }
}
