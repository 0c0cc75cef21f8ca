import { expect, it } from 'vitest'
import { mockEnv, runOnMock } from '../helpers/mock-env.ts'

it.each([
  ['path', 'PATH'],
  ['ld/preload', 'LD_PRELOAD'],
  ['node-options', 'NODE_OPTIONS'],
])('exec --file NAME=%s is refused: it would set %s', async (path, variable) => {
  const env = mockEnv()
  await runOnMock(['put-param', '/app/x', '--value', 'v'], { env })
  const refused = await runOnMock(['exec', '--file', `/app/x=${path}`, '--', 'true'], { env })
  expect(refused).toMatchObject({ status: 125, stderr: expect.stringContaining(variable) })
})
