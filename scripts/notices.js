/** Writes dist/THIRD-PARTY-NOTICES and dist/sbom.cdx.json for the packages that the bundle contains. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** The packages whose files are in the bundle, by esbuild's own account. */
function bundledPackages(metafiles) {
  const folders = new Set()
  for (const output of metafiles.flatMap(({ outputs }) => Object.values(outputs))) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      const match = bytesInOutput > 0 && /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)
      if (match) folders.add(match[1])
    }
  }
  return [...folders]
    .map(folder => ({ folder, ...manifestOf(folder) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

function manifestOf(folder) {
  for (let place = folder; place !== '.'; place = dirname(place)) {
    const file = join(place, 'package.json')
    if (existsSync(file)) {
      const manifest = JSON.parse(readFileSync(file, 'utf8'))
      if (manifest.name && manifest.version) return manifest
    }
  }
  throw new Error(`no package.json above ${folder}`)
}

function licenceText(folder) {
  const file = readdirSync(folder).find(name => /^(licen[cs]e|copying)/i.test(name))
  return file === undefined ? '' : readFileSync(join(folder, file), 'utf8').trim()
}

export async function writeNotices(metafiles, out) {
  const packages = bundledPackages(metafiles)
  const notices = packages.map(
    ({ folder, name, version, license }) => `${name} ${version} (${license})\n\n${licenceText(folder)}\n`,
  )
  await writeFile(join(out, 'THIRD-PARTY-NOTICES'), notices.join(`\n${'-'.repeat(78)}\n\n`))
  const sbom = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', name: 'kmseal' } },
    components: packages.map(({ name, version, license }) => ({
      type: 'library',
      name,
      version,
      purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
      licenses: [{ license: { id: license } }],
    })),
  }
  await writeFile(join(out, 'sbom.cdx.json'), `${JSON.stringify(sbom, null, 1)}\n`)
}
