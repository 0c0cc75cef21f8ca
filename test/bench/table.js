/**
 * `node test/bench/table.js FILE.json [README.md]`: the figures of a run as Markdown, on standard output or in place
 * between the markers of a document. Below the table every target that was missed has a line; reasons that people wrote
 * there stay for as long as the target is missed.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { cells, verdict } from './report.js'
import { notMeasured, setting } from './text.js'

const [begin, end] = ['<!-- bench -->', '<!-- /bench -->']
const unexplained = 'why is not known yet.'

const line = columns => `| ${columns.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`

/** Reasons by the name of what missed its target, out of what {@link missed} wrote and people changed. */
function reasonsOf(block) {
  const items = block.matchAll(/^- \*\*(.+?)\*\*, missed by [^:]*: (.*(?:\n {2}.*)*)/gm)
  return new Map(Array.from(items, ([, name, reason]) => [name, reason]))
}

function missed({ sections }, reasons) {
  const items = sections.flatMap(({ title, rows }) =>
    rows
      .filter(({ met }) => met === false)
      .map(row => {
        const name = `${title}: ${row.what}`
        return `- **${name}**, ${verdict(row)}: ${reasons.get(name) ?? unexplained}`
      }),
  )
  return items.length === 0 ? [] : ['', 'Targets that were missed, and why:', '', ...items]
}

/** The rows of all sections that are wanted. */
function table({ sections }, wanted) {
  const rows = sections.flatMap(({ title, rows }) => {
    const chosen = rows.filter(wanted)
    return chosen.length === 0
      ? []
      : [line([`**${title}**`, '', '', '']), ...chosen.map(row => line(cells(row)))]
  })
  return [line(['what', 'figure', 'target', '']), '| --- | ---: | --- | --- |', ...rows]
}

const comesFirst = ({ target, headline }) => target !== undefined || headline === true

function markdown(figures, reasons) {
  return [
    `${setting(figures)}.`,
    '',
    ...table(figures, comesFirst),
    ...missed(figures, reasons),
    '',
    '<details><summary>All else that was measured</summary>',
    '',
    ...table(figures, row => !comesFirst(row)),
    '',
    '</details>',
    ...notMeasured(figures).flatMap(notice => ['', notice]),
  ].join('\n')
}

function rewrite(path, figures) {
  const document = readFileSync(path, 'utf8')
  const [before, block, after, ...more] = document.split(new RegExp(`${begin}|${end}`))
  if (
    block === undefined ||
    after === undefined ||
    more.length > 0 ||
    document.indexOf(end) < document.indexOf(begin)
  )
    throw new Error(`${path} needs one ${begin} and one ${end}`)
  writeFileSync(path, `${before}${begin}\n${markdown(figures, reasonsOf(block))}\n${end}${after}`)
}

const [json, document] = process.argv.slice(2)
try {
  if (json === undefined) throw new Error('usage: node test/bench/table.js FILE.json [README.md]')
  const figures = JSON.parse(readFileSync(json, 'utf8'))
  if (document === undefined) console.log(markdown(figures, new Map()))
  else rewrite(document, figures)
} catch (error) {
  console.error(`table: ${error.message}`)
  process.exitCode = 1
}
