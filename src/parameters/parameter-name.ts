/** Parameter names: what the service surely refuses, and the one spelling that identifies a parameter. */

import { usageError } from '../errors.ts'

/**
 * Characters of the longest name. The service counts 1011 for the ARN, of which the shortest Region leaves this.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 */
export const maxNameLength = 966

/** Levels of the deepest name: 14 of path and the name itself. */
export const maxNameLevels = 15

const windowsPathHint = 'the shell turned the name into a Windows path; MSYS_NO_PATHCONV=1 stops that'

/**
 * The spelling with a leading slash: `x` and `/x` are the same parameter.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
 */
export function qualifiedName(name: string): string {
  return name.startsWith('/') ? name : `/${name}`
}

/**
 * The part of a name below a path, without a leading slash: `db/url` of `/app/db/url` below `/app`. The whole name
 * when it is not below the path.
 *
 * @param path without a slash at its end, or `/`
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-hierarchies.html
 */
export function relativeName(name: string, path: string): string {
  const lead = path === '/' ? '/' : `${path}/`
  return name.startsWith(lead) ? name.slice(lead.length) : name.replace(/^\//, '')
}

/**
 * Checks a plain name, without version, label or ARN, as every operation but reading wants it.
 *
 * @throws KmsealError `usage`, saying which rule the name breaks
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 */
export function checkParameterName(text: string): string {
  if (text.startsWith('arn:')) {
    throw usageError(
      'this command takes the name of a parameter, not its ARN',
      'give the part after :parameter',
    )
  }
  if (/^\/?[A-Za-z0-9_./-]+:[A-Za-z0-9_.-]+$/.test(text) && !isWindowsPath(text)) {
    throw usageError('this command takes the name of a parameter, without version or label')
  }
  return checkNameShape(text)
}

/**
 * Checks the name of a parameter that is to be written: names of AWS's own parameters are refused too.
 *
 * @throws KmsealError `usage`, saying which rule the name breaks
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 */
export function checkNewParameterName(text: string): string {
  const name = checkParameterName(text)
  if (!/^\/?(aws|ssm)/i.test(name)) return name
  throw usageError(
    `parameter name ${name} begins with aws or ssm, which the service keeps for itself`,
    'begin it with another word; later parts of a path may be anything',
  )
}

/**
 * Checks the path that a listing starts from: a name, `/`, or a name with a slash at its end.
 *
 * @returns the path without that last slash
 * @throws KmsealError `usage`, saying which rule the path breaks
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html
 */
export function checkParameterPath(text: string): string {
  if (text === '/') return text
  if (!text.startsWith('/')) {
    if (isWindowsPath(text)) throw usageError('the path is no parameter path', windowsPathHint)
    throw usageError('the path does not begin with a slash', 'write it as /app/db')
  }
  return checkParameterName(text.endsWith('/') ? text.slice(0, -1) : text)
}

/**
 * Checks what every name must be: its characters, slashes, depth and length.
 *
 * @throws KmsealError `usage`, saying which rule the name breaks
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
 */
export function checkNameShape(name: string): string {
  if (name === '') throw usageError('a parameter name is empty')
  if (!/^[A-Za-z0-9_./-]+$/.test(name)) {
    const rule = 'a name has letters, digits, the symbols . - _ and / between its parts'
    throw usageError(
      'a parameter name has a character that no name has',
      isWindowsPath(name) ? windowsPathHint : rule,
    )
  }
  if (name.length > maxNameLength) {
    throw usageError(`a parameter name has ${name.length} characters, more than the ${maxNameLength} allowed`)
  }
  if (name.includes('/') && !name.startsWith('/')) {
    throw usageError(`parameter name ${name} has a path but no leading slash`, `write it as /${name}`)
  }
  if (name.includes('//') || name.endsWith('/')) {
    throw usageError(
      `parameter name ${name} has an empty part`,
      'leave away double slashes and the one at the end',
    )
  }
  const levels = qualifiedName(name).split('/').length - 1
  if (levels > maxNameLevels) {
    throw usageError(`parameter name ${name} has ${levels} levels, more than the ${maxNameLevels} allowed`)
  }
  return name
}

// Git Bash rewrites /app/db into C:/Program Files/Git/app/db before the program sees it.
function isWindowsPath(text: string): boolean {
  return /^[A-Za-z]:[\\/]/.test(text)
}
