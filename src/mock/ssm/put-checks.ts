/** What PutParameter checks of a value and of its data type. */

import { validationException } from '../exceptions.ts'
import type { ParameterType } from './parameter-record.ts'

/**
 * Refuses a value that refers to another parameter.
 *
 * @throws AwsException ValidationException
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 */
export function checkValue(value: string): void {
  const open = value.indexOf('{{')
  if (open >= 0 && value.includes('}}', open + 2)) {
    throw validationException(
      'Parameter value can\'t nest another parameter. Do not use "{{}}" in the value.',
    )
  }
}

/**
 * Checks a data type against the parameter's type and its present data type. Whether an AMI exists is not
 * looked at.
 *
 * @throws AwsException ValidationException
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-ec2-aliases.html
 */
export function checkDataType(dataType: string, type: ParameterType, before: string | undefined): void {
  const wanted: Readonly<Record<string, ParameterType | undefined>> = {
    'aws:ec2:image': 'String',
    'aws:ssm:integration': 'SecureString',
  }
  if (dataType !== 'text' && !Object.hasOwn(wanted, dataType)) {
    throw validationException(
      `The following data type is not supported: ${dataType}. (Data type names are all lowercase.)`,
    )
  }
  if (dataType !== 'text' && wanted[dataType] !== type) {
    throw validationException(
      `The ${dataType} data type is not supported for the following input type: ${type}`,
    )
  }
  if (before !== undefined && before !== dataType) {
    throw validationException('The data type of a parameter cannot be changed.')
  }
}
