/** LabelParameterVersion and UnlabelParameterVersion. */

import { AwsException } from '../exceptions.ts'
import { type Context, defineOperation } from '../operation.ts'
import { integer, required } from '../validation.ts'
import { authorizeParameter } from './authorize.ts'
import { versionNotFound } from './get-parameters.ts'
import { labelsOf } from './history.ts'
import { labelsMember, nameMember } from './members.ts'
import { readPlainName } from './names.ts'
import { findParameter, type ParameterHead, saveParameter } from './parameter-record.ts'

const mostLabels = 10

/**
 * LabelParameterVersion: moves labels to a version, by default the latest. Labels that may not be are named
 * in InvalidLabels, the others are applied.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_LabelParameterVersion.html
 */
export const labelParameterVersion = defineOperation(
  { Name: nameMember, ParameterVersion: integer(), Labels: labelsMember },
  (context, input) =>
    changeLabels(context, 'LabelParameterVersion', input, (head, version) => {
      const good = input.Labels.filter(isLabel)
      const labels = { ...head.labels, ...Object.fromEntries(good.map(label => [label, version])) }
      const changed = { ...head, labels }
      if (labelsOf(changed, version).length > mostLabels) {
        throw new AwsException(
          'ParameterVersionLabelLimitExceeded',
          'A parameter version can have maximum 10 labels.Move one or more labels to another version and try again.',
        )
      }
      const invalid = input.Labels.filter(label => !isLabel(label))
      return [changed, { InvalidLabels: invalid, ParameterVersion: version }]
    }),
)

/**
 * UnlabelParameterVersion: removes labels from a version; labels that it does not have are named in
 * InvalidLabels.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_UnlabelParameterVersion.html
 */
export const unlabelParameterVersion = defineOperation(
  { Name: nameMember, ParameterVersion: required(integer()), Labels: labelsMember },
  (context, input) =>
    changeLabels(context, 'UnlabelParameterVersion', input, (head, version) => {
      const present = labelsOf(head, version)
      const removed = input.Labels.filter(label => present.includes(label))
      const kept = Object.entries(head.labels).filter(([label]) => !removed.includes(label))
      const invalid = input.Labels.filter(label => !present.includes(label))
      return [
        { ...head, labels: Object.fromEntries(kept) },
        { RemovedLabels: removed, InvalidLabels: invalid },
      ]
    }),
)

function changeLabels<T>(
  context: Context,
  operation: string,
  input: { readonly Name: string; readonly ParameterVersion?: number | undefined },
  edit: (head: ParameterHead, version: number) => [ParameterHead, T],
): T {
  const path = readPlainName(input.Name)
  authorizeParameter(context, operation, path)
  return context.store.write(() => {
    const head = findParameter(context, path)
    const version = input.ParameterVersion ?? head.latest
    if (version < head.oldest || version > head.latest) throw versionNotFound(head, version)
    const [changed, output] = edit(head, version)
    saveParameter(context, path, changed)
    return output
  })
}

function isLabel(text: string): boolean {
  return /^[a-zA-Z._-][a-zA-Z0-9._-]*$/.test(text) && !/^(aws|ssm)/i.test(text)
}
