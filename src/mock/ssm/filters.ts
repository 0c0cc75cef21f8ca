/** Filters of GetParametersByPath and DescribeParameters: what they may be, and what they match. */

import { AwsException, validationException } from '../exceptions.ts'
import type { ParameterHead, ParameterVersion } from './parameter-record.ts'

/** One filter of a request. */
export interface Filter {
  readonly key: string
  readonly option?: string | undefined
  readonly values?: readonly string[] | undefined
}

/** A parameter to judge, with its latest version. */
export interface Candidate {
  readonly path: string
  readonly head: ParameterHead
  readonly version: ParameterVersion
}

/** What a listing looks at, and what of it it gives. */
export interface Plan {
  /** Only paths that begin so. */
  readonly prefix: string
  /** All levels below the prefix, or the first alone. */
  readonly deep: boolean
  readonly matches: (candidate: Candidate) => boolean
  /** Give the version with one of these labels instead of the latest. */
  readonly label: readonly string[] | undefined
  /** The whole request in one line, for page tokens. */
  readonly text: string
}

const describeKeys = ['Path', 'Name', 'Type', 'KeyId', 'Tier', 'DataType']
const byPathKeys = ['Type', 'KeyId', 'Label']

/**
 * Plans GetParametersByPath.
 *
 * @throws AwsException ValidationException for a malformed path; InvalidFilterKey, -Option, -Value
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html
 */
export function byPathFilters(path: string, deep: boolean, filters: readonly Filter[]): Plan {
  checkPath(path)
  for (const filter of filters) {
    if (!byPathKeys.includes(filter.key)) throw wrongKey(filter.key, ['Type', 'KeyId'])
    checkFilter(filter, filter.key === 'Label' ? ['Equals'] : ['BeginsWith', 'Equals'])
  }
  refuseDuplicates(filters)
  return {
    prefix: path.endsWith('/') ? path : `${path}/`,
    deep,
    matches: candidate => filters.every(filter => matches(filter, candidate)),
    label: filters.find(filter => filter.key === 'Label')?.values,
    text: JSON.stringify([path, deep, filters]),
  }
}

/**
 * Plans DescribeParameters.
 *
 * @throws AwsException ValidationException for a malformed path; InvalidFilterKey, -Option, -Value
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html
 */
export function describeFilters(filters: readonly Filter[]): Plan {
  for (const filter of filters) {
    if (!filter.key.startsWith('tag:') && !describeKeys.includes(filter.key)) {
      throw wrongKey(filter.key, ['Path', 'Name', 'Type', 'KeyId', 'Tier'])
    }
    checkFilter(filter, optionsOf(filter.key))
    if (filter.key === 'Path') for (const path of filter.values ?? []) checkFilterPath(path)
  }
  refuseDuplicates(filters)
  return {
    ...rangeOf(filters),
    matches: candidate => filters.every(filter => matches(filter, candidate)),
    label: undefined,
    text: JSON.stringify(filters),
  }
}

/** The narrowest range of names that holds every match. */
function rangeOf(filters: readonly Filter[]): { prefix: string; deep: boolean } {
  for (const { key, option, values = [] } of filters) {
    const [value, ...more] = values
    if (value === undefined || more.length > 0) continue
    if (key === 'Path') {
      return { prefix: value.endsWith('/') ? value : `${value}/`, deep: option === 'Recursive' }
    }
    if (key === 'Name' && option !== 'Contains') return { prefix: pathOf(value), deep: true }
  }
  return { prefix: '/', deep: true }
}

function matches(
  { key, option = 'Equals', values = [] }: Filter,
  { path, head, version }: Candidate,
): boolean {
  const compare = (actual: string | undefined) =>
    actual !== undefined &&
    values.some(value => (option === 'BeginsWith' ? actual.startsWith(value) : actual === value))
  if (key.startsWith('tag:')) {
    const tag = head.tags.find(({ Key }) => Key === key.slice('tag:'.length))
    return tag !== undefined && (values.length === 0 || compare(tag.Value))
  }
  switch (key) {
    case 'Name':
      return values.some(value => matchesName(option, value, path, head.name))
    case 'Path':
      return values.some(value => isBelow(path, value, option === 'Recursive'))
    case 'Type':
      return compare(version.type)
    case 'KeyId':
      return compare(version.keyId)
    case 'Tier':
      return compare(version.tier)
    case 'DataType':
      return compare(version.dataType)
    default:
      return Object.keys(head.labels).some(label => values.includes(label))
  }
}

function matchesName(option: string, value: string, path: string, name: string): boolean {
  if (option === 'Contains') return name.includes(value)
  return option === 'BeginsWith' ? path.startsWith(pathOf(value)) : path === pathOf(value)
}

function isBelow(path: string, parent: string, deep: boolean): boolean {
  const prefix = parent.endsWith('/') ? parent : `${parent}/`
  return path.startsWith(prefix) && (deep || !path.includes('/', prefix.length))
}

function pathOf(name: string): string {
  return name.startsWith('/') ? name : `/${name}`
}

function optionsOf(key: string): readonly string[] {
  if (key === 'Path') return ['Recursive', 'OneLevel']
  return key === 'Name' ? ['BeginsWith', 'Equals', 'Contains'] : ['BeginsWith', 'Equals']
}

function checkFilter({ key, option, values }: Filter, options: readonly string[]): void {
  if (option !== undefined && !options.includes(option)) {
    const valid = options.filter(name => name !== 'Contains').join(', ')
    throw new AwsException(
      'InvalidFilterOption',
      `The following filter option is not valid: ${option}. Valid options include: [${valid}].`,
    )
  }
  if (values === undefined && !key.startsWith('tag:')) {
    throw new AwsException(
      'InvalidFilterValue',
      `The following filter values are missing : null for filter key ${key}.`,
    )
  }
  const allowed: Readonly<Record<string, readonly string[] | undefined>> = {
    Tier: ['Standard', 'Advanced', 'Intelligent-Tiering'],
    Type: ['String', 'StringList', 'SecureString'],
  }
  const wrong = allowed[key] && values?.find(value => !allowed[key]?.includes(value))
  if (wrong !== undefined && option !== 'BeginsWith') {
    throw new AwsException(
      'InvalidFilterOption',
      `The following filter value is not valid: ${wrong}. Valid values include: [${allowed[key]?.join(', ')}].`,
    )
  }
}

function checkPath(path: string): void {
  const reserved = /^\/(aws|ssm)/i.test(path) && !path.startsWith('/aws/service')
  if (reserved || !/^\/([a-zA-Z0-9_.-]+(\/[a-zA-Z0-9_.-]+)*\/?)?$/.test(path)) {
    throw validationException(
      "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward " +
        'slash "/". It can\'t be prefixed with \\"aws\\" or \\"ssm\\" (case-insensitive). It must use only letters, ' +
        'numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special characters are not ' +
        'allowed. All sub-paths, if specified, must use the forward slash symbol "/". Valid example: ' +
        '/get/parameters2-/by1./path0_.',
    )
  }
}

function checkFilterPath(path: string): void {
  if (/^\/(aws|ssm)/i.test(path)) {
    throw validationException(
      'Filters for common parameters can\'t be prefixed with "aws" or "ssm" (case-insensitive). When using global ' +
        'parameters, please specify within a global namespace.',
    )
  }
  checkPath(path)
}

function refuseDuplicates(filters: readonly Filter[]): void {
  const seen = new Set<string>()
  for (const { key } of filters) {
    if (seen.has(key)) {
      throw new AwsException(
        'InvalidFilterKey',
        `The following filter is duplicated in the request: ${key}. A request can contain only one occurrence of a specific filter.`,
      )
    }
    seen.add(key)
  }
}

function wrongKey(key: string, valid: readonly string[]): AwsException {
  return new AwsException(
    'InvalidFilterKey',
    `The following filter key is not valid: ${key}. Valid filter keys include: [${valid.join(', ')}].`,
  )
}
