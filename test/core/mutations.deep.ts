import { it } from 'vitest'
import { checkMutations } from './mutations.ts'

it('no mutation of a sound message is accepted, fails otherwise, or lets a byte out', () =>
  checkMutations(50_000))
