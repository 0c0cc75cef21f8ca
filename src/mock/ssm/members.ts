/** Request members that several Parameter Store operations share, with their constraints. */

import { validationException } from '../exceptions.ts'
import { boolean, list, required, string, structure } from '../validation.ts'

/** A parameter's name, or its ARN where one is taken. */
export const nameMember = required(string({ min: 1, max: 2048 }))

/** One to ten names. */
export const namesMember = required(list(string({ min: 1, max: 2048 }), { min: 1, max: 10 }))

/** WithDecryption. */
export const withDecryptionMember = boolean()

/** NextToken of listings. */
export const nextTokenMember = string()

/** One to ten labels of 1 to 100 characters. */
export const labelsMember = required(list(string({ min: 1, max: 100 }), { min: 1, max: 10 }))

const tagText = /^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$/u

/** Tags of a parameter. */
export const tagsMember = list(
  structure({
    Key: required(string({ min: 1, max: 128, pattern: tagText })),
    Value: required(string({ min: 0, max: 256, pattern: tagText })),
  }),
  { max: 1000 },
)

/** Keys of tags. */
export const tagKeysMember = list(string({ min: 1, max: 128 }))

/** ParameterFilters. */
export const filtersMember = list(
  structure({
    Key: required(
      string({ min: 1, max: 132, pattern: /^(tag:.+|Name|Type|KeyId|Path|Label|Tier|DataType)$/ }),
    ),
    Option: string({ min: 1, max: 10 }),
    Values: list(string({ min: 1, max: 1024 }), { min: 1, max: 50 }),
  }),
)

/** The older Filters of DescribeParameters. */
export const oldFiltersMember = list(
  structure({
    Key: required(string({ values: ['KeyId', 'Type', 'Name'] })),
    Values: required(list(string({ min: 1, max: 1024 }), { min: 1, max: 50 })),
  }),
)

/**
 * Refuses tag keys that the service keeps for itself.
 *
 * @throws AwsException ValidationException
 */
export function refuseReservedTags(tags: readonly { readonly Key: string }[]): void {
  if (tags.some(tag => /^aws:/i.test(tag.Key))) {
    throw validationException('Tag keys beginning with aws: are reserved.')
  }
}
