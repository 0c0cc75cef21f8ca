/** Every example of every `--help`, run as it stands by a shell: on the mock, where what it speaks of is there. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { helpExamples } from '../helpers/help-examples.ts'
import { freePort, type ProcessResult } from '../helpers/process.ts'
import { hasProgram } from '../helpers/programs.ts'
import { startServe } from '../helpers/serve.ts'
import { ShellPlace } from '../helpers/shell-place.ts'

/** What all places have: keys with the names of the examples, parameters, and files. */
const prepared = String.raw`
cat > seed.yaml <<'SEED'
keys:
  - {id: 11111111-1111-1111-1111-111111111111, aliases: [alias/app, alias/a]}
  - {id: 22222222-2222-2222-2222-222222222222, aliases: [alias/old, alias/b]}
  - {id: 33333333-3333-3333-3333-333333333333, aliases: [alias/new, alias/app-next]}
  - {id: 44444444-4444-4444-4444-444444444444, aliases: [alias/backup, alias/shared, alias/test]}
  - {id: 55555555-5555-5555-5555-555555555555, spec: HMAC_256, usage: GENERATE_VERIFY_MAC, alias: alias/tokens}
  - {id: 1234abcd-12ab-34cd-56ef-1234567890ab}
parameters:
  - {name: /app/db/password, value: correct horse, key: alias/app}
  - {name: /app/user, value: anna}
  - {name: /app/password, value: x}
  - {name: /app/url, type: String, value: 'http://localhost'}
  - {name: /app/dev/url, type: String, value: 'http://localhost'}
  - {name: /app/prod/api-key, value: x}
  - {name: /app/tls/key, value: x}
  - {name: /app/a, value: x}
  - {name: /app/old/x, value: x}
  - {name: /shared/x, value: x}
SEED
kmseal mock seed seed.yaml
kmseal create-key --key-spec RSA_2048 --key-usage SIGN_VERIFY --alias alias/release
kmseal create-key --key-spec RSA_2048 --key-usage ENCRYPT_DECRYPT --alias alias/dropbox
kmseal create-key --key-spec ECC_NIST_P256 --alias alias/p256
for version in 2 3 4 5 6 7; do printf "$version" | kmseal put-param /app/db/password --overwrite; done
kmseal label-param /app/db/password prod --version 4
printf 'a page\n' > README.md
printf 'a dump\n' > db.dump
printf 'a report\n' > report.pdf
printf 'an archive\n' > app.tar
printf '{"a":1}' > request.json
mkdir -p photos/2030
printf 'a photo' > photos/2030/1.jpg
kmseal key-policy get --key-id alias/app > policy.json
kmseal public-key --key-id alias/dropbox -o dropbox.pem
kmseal sign --key-id alias/release app.tar -o app.tar.sig
`

const backups = 'mkdir backups; cp backup.enc backups/1.enc'
const noApp = 'kmseal alias-key alias/app --delete'
const configuration = `echo 'environments: {prod: {region: eu-west-1}}' > kmseal.config.yaml`
const api = '--key-id alias/app --principal arn:aws:iam::111122223333:role/api --can decrypt'

/** What the examples of a command need besides. */
const needs: Readonly<Record<string, string>> = {
  decrypt: `printf secret | kmseal encrypt -q > secret
    kmseal encrypt --key-id alias/app --encryption-context purpose=backup -o db.enc db.dump
    kmseal encrypt --key-id alias/app --recursive photos --out-dir photos.enc --suffix .enc
    rm -r photos db.dump`,
  reencrypt: `kmseal encrypt --key-id alias/old db.dump -o backup.enc; ${backups}`,
  'verify-file': `kmseal encrypt --key-id alias/backup db.dump -o backup.enc; ${backups}`,
  inspect: `kmseal encrypt --mode envelope db.dump -o backup.enc; ${backups}`,
  edit: 'kmseal encrypt --key-id alias/app README.md -o secrets.yaml.enc',
  'put-param': 'kmseal mock reset --yes; echo secret > password.txt',
  'copy-param': 'kmseal create-key --region eu-west-1 --alias alias/app',
  'import-params': `printf 'db:\\n  port: "1"\\n' > app.yaml
    echo '{"db":{"port":"2"}}' > app.json
    echo PORT=3 > .env`,
  exec: `printf '#!/bin/sh\\ntest "$API_KEY" = x' > server; chmod +x server`,
  'create-key': `${noApp}; mv policy.json key-policy.json`,
  'alias-key': noApp,
  'replicate-key': noApp,
  'delete-key': 'kmseal delete-key --key-id 1234abcd-12ab-34cd-56ef-1234567890ab --yes',
  'import-key-material': `for name in own made; do kmseal create-key --origin EXTERNAL --alias "alias/$name"; done
    kmseal random --number-of-bytes 32 -o own.key`,
  'verify-mac': `printf %s "$TOKEN" | kmseal mac --key-id alias/tokens -o token.mac
    kmseal mac --key-id alias/tokens request.json -o request.mac`,
  'share-snapshot-policy': `kmseal share-snapshot-policy --target-account 111122223333 --iam --full \
      --key-id arn:aws:kms:us-east-1:000000000000:key/44444444-4444-4444-4444-444444444444 > iam.json`,
  'explain-access': `kmseal share-key ${api} --apply --yes
    kmseal share-key ${api} --iam > role.json
    kmseal key-policy get --key-id alias/release > draft.json`,
  'mock set-iam-policy': 'kmseal help iam decrypt --json > policy.json',
  config: `${configuration}; printf x | kmseal put-param /shop/payment/token`,
  'config show': `${configuration}; kmseal config trust --yes`,
  'config trust': `${configuration}; mkdir shop; cp kmseal.config.yaml shop`,
}

/** Examples whose answer is a status of its own: of explain-access, that it is unknown, and that it is denied. */
const statuses: Readonly<Record<string, number>> = {
  'kmseal explain-access --key-id alias/app --principal arn:aws:iam::111122223333:role/api --action kms:Decrypt': 9,
  'kmseal explain-access --key-id alias/release --principal arn:aws:iam::111122223333:user/ana --action kms:Sign --policy draft.json --no-iam-policy --json | jq -r .Decision': 4,
}

/** Examples about AWS itself, where a served mock stands for it, and their environments. */
const onAws: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'kmseal copy-param /app /app --recursive --to-backend mock --key-id alias/aws/ssm': {},
  'kmseal create-key --admin arn:aws:iam::111122223333:role/KeyAdmin --user arn:aws:iam::111122223333:role/App':
    {
      AWS_ACCESS_KEY_ID: '111122223333',
      AWS_SECRET_ACCESS_KEY: 'x',
    },
}

const commands = await helpExamples()
const variables = {
  KMSEAL_BACKEND: 'mock',
  AWS_REGION: 'us-east-1',
  PASSWORD: 'correct horse',
  TOKEN: 'abc',
  EDITOR: 'edit-it',
}

const origin = new ShellPlace(variables)
afterAll(() => origin.remove())

async function run(place: ShellPlace, example: string): Promise<ProcessResult> {
  if (example.startsWith('kmseal mock serve')) return serve(place, example)
  const env = onAws[example]
  if (env !== undefined) return onServedMock(place, example, env)
  const result = await place.run(`SECRET=$(cat secret 2>/dev/null || true)\n${example}`)
  return result.stderr.includes('nobody can be asked') ? place.runAtTerminal(example) : result
}

/** Serves at a port that is free, until the URL is printed. */
async function serve(place: ShellPlace, example: string): Promise<ProcessResult> {
  const line = example.replace('--port 4566', `--port ${await freePort()}`)
  return place.run(`coproc SERVED { exec ${line}; }
    served=$SERVED_PID
    read -r url <&"\${SERVED[0]}"
    kill "$served"
    wait "$served"`)
}

async function onServedMock(
  place: ShellPlace,
  example: string,
  env: Readonly<Record<string, string>>,
): Promise<ProcessResult> {
  await place.run('kmseal mock reset --yes')
  const served = await startServe(['--ephemeral', '--seed', `${place.folder}/seed.yaml`])
  const aws = { KMSEAL_BACKEND: 'aws', AWS_ENDPOINT_URL: served.url, ...env }
  return place.run(example, { env: aws }).finally(() => served.stop())
}

/** The status, and what was said that nobody wants to read. */
function outcomeOf({ status, stdout, stderr }: ProcessResult) {
  const unwanted = stderr.match(/.*\b(?:error|warning|hint)\b.*/gi) ?? []
  return { status, said: status === 0 ? unwanted : `${stdout}${stderr}`.trim().split('\n') }
}

const programs = ['timeout', 'expect', 'jq', 'openssl'].every(hasProgram)

describe.runIf(programs)('the examples of', { concurrent: true, timeout: 240_000 }, () => {
  beforeAll(async () => {
    for (const name of ['edit-it', 'code'])
      origin.addProgram(name, 'for file; do :; done; echo more >> "$file"')
    for (const name of ['psql', 'nginx']) origin.addProgram(name, 'exit 0')
    const ready = await origin.run(prepared, { seconds: 150 })
    if (ready.status !== 0) throw new Error(ready.stderr)
  }, 160_000)

  it.each(commands)('$command run', async ({ command, examples }) => {
    const place = origin.copy()
    try {
      const need = await place.run(needs[command] ?? '')
      expect(outcomeOf(need)).toEqual({ status: 0, said: [] })
      for (const example of examples) {
        const { status, said } = outcomeOf(await run(place, example))
        const expected = statuses[example] ?? 0
        expect({ example, status, said: status === expected && status !== 0 ? [] : said }).toEqual({
          example,
          status: expected,
          said: [],
        })
      }
    } finally {
      place.remove()
    }
  })
})

it('every command has examples, and what is said of one of them is of one that is there', () => {
  expect(commands.filter(({ examples }) => examples.length === 0)).toEqual([])
  const names = commands.map(({ command }) => command)
  const examples = commands.flatMap(found => found.examples)
  expect(Object.keys(needs).filter(name => !names.includes(name))).toEqual([])
  const named = [...Object.keys(statuses), ...Object.keys(onAws)]
  expect(named.filter(example => !examples.includes(example))).toEqual([])
})
