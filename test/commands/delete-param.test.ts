import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type LoopbackService, startLoopbackService } from '../parameters/loopback-service.ts'

let service: LoopbackService

beforeAll(async () => {
  service = await startLoopbackService()
})
afterAll(() => service.close())
beforeEach(async () => {
  for (const name of ['/ok', '/ok2']) await service.run(['put-param', name, '--value', 'v', '--overwrite'])
  service.requests.length = 0
  service.refusals.clear()
})

async function left(): Promise<string[]> {
  const { stdout } = await service.run(['list-params', '--json'])
  return stdout
    .toString()
    .split('\n')
    .filter(line => line !== '')
    .map(line => (JSON.parse(line) as { Name: string }).Name)
}

describe('delete-param', () => {
  it('deletes what is named, silently', async () => {
    const { status, stdout, stderr } = await service.run(['delete-param', '/ok', '/ok2'])
    expect({ status, stdout: stdout.toString(), stderr }).toEqual({ status: 0, stdout: '', stderr: '' })
    expect(await left()).toEqual([])
  })

  it.each([[['/ok', '/nope']], [['/nope', '/ok', '/nope2']], [['/nope', '/ok', '--json']]])(
    'deletes the others and names every missing one: %j',
    async words => {
      const { status, stdout, stderr } = await service.run(['delete-param', ...words])
      expect({ status, stdout: stdout.length }).toEqual({ status: 3, stdout: 0 })
      for (const name of words.filter(word => word.startsWith('/nope'))) expect(stderr).toContain(name)
      expect(stderr).toContain('deleted: /ok')
      expect(await left()).toEqual(['/ok2'])
    },
  )

  it('does not mind missing ones when told so', async () => {
    const { status, stdout, stderr } = await service.run(['delete-param', '/ok', '/nope', '--ignore-missing'])
    expect({ status, stdout: stdout.length, stderr }).toEqual({ status: 0, stdout: 0, stderr: '' })
    const json = await service.run(['delete-param', '/ok2', '/nope', '--ignore-missing', '--json'])
    expect(JSON.parse(json.stdout.toString())).toEqual({
      DeletedParameters: ['/ok2'],
      InvalidParameters: ['/nope'],
    })
  })

  it.each([
    [['/ok', '/ok:1']],
    [['/ok', 'arn:aws:ssm:us-east-1:123456789012:parameter/ok']],
    [['/ok', 'a/b']],
    [[]],
  ])('refuses %j as a whole', async words => {
    expect((await service.run(['delete-param', ...words])).status).toBe(2)
    expect(service.requests).toEqual([])
  })

  it('says that it was not allowed', async () => {
    service.refusals.set('DeleteParameter', () => ({ __type: 'AccessDeniedException', message: 'no' }))
    const { status, stderr } = await service.run(['delete-param', '/ok'])
    expect(status).toBe(4)
    expect(stderr).toContain('ssm:DeleteParameter failed for parameter /ok')
  })
})
