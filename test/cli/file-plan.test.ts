import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { type PlanRequest, planFiles } from '../../src/cli/file-plan.ts'
import { testFolder } from '../helpers/folder.ts'

function tree(...files: string[]): string {
  const folder = testFolder()
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), file)
  }
  return folder
}

async function plan(folder: string, request: Partial<PlanRequest>) {
  const { inputs = ['.'], outDir, ...rest } = request
  const { files, notes } = await planFiles({
    recursive: true,
    include: [],
    exclude: [],
    suffixMode: 'add',
    ...rest,
    inputs: inputs.map(input => join(folder, input)),
    ...(outDir === undefined ? {} : { outDir: join(folder, outDir) }),
  })
  const local = (path: string) => path.slice(folder.length + 1)
  return {
    files: files.map(({ input, output }) => `${local(input)} > ${local(output)}`),
    notes: notes.map(note => note.replace(`${folder}/`, '')),
  }
}

it('keeps the tree below an output folder, or puts results beside their inputs', async () => {
  const folder = tree('in/a', 'in/b/c', 'in/b/.kmseal-0123456789abcdef.tmp')
  expect((await plan(folder, { inputs: ['in'], outDir: 'out' })).files).toEqual([
    'in/a > out/a',
    'in/b/c > out/b/c',
  ])
  expect((await plan(folder, { inputs: ['in'], suffix: '.e' })).files).toEqual([
    'in/a > in/a.e',
    'in/b/c > in/b/c.e',
  ])
  const both = { inputs: ['in'], suffix: '.e', outDir: 'out' }
  expect((await plan(folder, both)).files).toEqual(['in/a > out/a.e', 'in/b/c > out/b/c.e'])
})

it('takes a suffix off, and leaves other files of a folder out', async () => {
  const folder = tree('in/a.e', 'in/b', 'in/c/d.e')
  const request = { inputs: ['in'], suffix: '.e', suffixMode: 'remove', outDir: 'out' } as const
  expect((await plan(folder, request)).files).toEqual(['in/a.e > out/a', 'in/c/d.e > out/c/d'])
  await expect(plan(folder, { ...request, inputs: ['in/b'] })).rejects.toMatchObject({ code: 'usage' })
  const bare = tree('in/.e')
  await expect(plan(bare, { ...request, inputs: ['in/.e'] })).rejects.toThrow(
    'has no name without the suffix',
  )
})

it('includes and excludes by globs', async () => {
  const folder = tree('a.txt', 'b.txt', 'c.md', 'd/a.txt')
  const request = { outDir: 'out', include: ['*.txt'], exclude: ['d/**', 'b*'] }
  expect((await plan(folder, request)).files).toEqual(['a.txt > out/a.txt'])
})

it('does not follow links out of the tree, nor its own output folder', async () => {
  const folder = tree('in/a', 'in/out/old', 'other/x')
  symlinkSync('a', join(folder, 'in/inside'))
  symlinkSync('../other/x', join(folder, 'in/outside'))
  symlinkSync('../other', join(folder, 'in/folder'))
  symlinkSync('nowhere', join(folder, 'in/broken'))
  const { files, notes } = await plan(folder, { inputs: ['in'], outDir: 'in/out' })
  expect(files).toEqual(['in/a > in/out/a', 'in/inside > in/out/inside'])
  expect(notes.map(note => note.split(' ')[0])).toEqual(['in/broken', 'in/folder', 'in/outside'])
})

it.each([
  ['two inputs with one result', { inputs: ['a/x', 'b/x'], outDir: 'out' }, 'two files would be written to'],
  ['one input twice', { inputs: ['a/x', 'a/x'], suffix: '.e' }, 'two files would be written to'],
  ['a result that is an input', { inputs: ['a/x', 'a/x.e'], suffix: '.e' }, 'would be both read and written'],
  ['a folder without --recursive', { inputs: ['a'], recursive: false, outDir: 'out' }, 'is a directory'],
  ['an input that is not there', { inputs: ['none'], outDir: 'out' }, 'does not exist'],
  [
    'a suffix that leaves the folder',
    { inputs: ['a/x'], suffix: '/../../../y', outDir: 'out' },
    'would leave',
  ],
])('refuses %s', async (_, request, message) => {
  await expect(plan(tree('a/x', 'a/x.e', 'b/x'), request)).rejects.toThrow(message)
})
