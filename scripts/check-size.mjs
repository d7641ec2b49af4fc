// @ts-check
// Files stay readable at a sitting, and the repository stays quick to clone.
import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { projectFiles, report, root } from './lib/workspace.mjs'

const maxLines = 400
const maxBytes = 1 << 20
const maxFixtureBytes = 12 << 20

/** Files that may be longer, each with its reason. */
const longFiles = new Map(/** @type {[string, string][]} */ ([]))

/** Where large files belong: the embedded model is the one thing that is shipped as it is. */
const largeFolders = ['packages/tiny/']

const problems = []
let fixtureBytes = 0
const files = projectFiles()
for (const file of files) {
  const bytes = statSync(path.join(root, file)).size
  const recorded = /\/(fixtures|goldens)\//.test(file)
  if (recorded) fixtureBytes += bytes
  if (bytes > maxBytes && !largeFolders.some(folder => file.startsWith(folder))) {
    problems.push(`${file}: ${(bytes / maxBytes).toFixed(1)} MB, at most 1 MB outside ${largeFolders.join(', ')}`)
  }
  if (!/\.(ts|tsx|mjs|js|py)$/.test(file) || recorded) continue
  const lines = readFileSync(path.join(root, file), 'utf8').split('\n').length - 1
  const excused = longFiles.has(file)
  if (lines > maxLines && !excused) problems.push(`${file}: ${lines} lines, at most ${maxLines}`)
  if (lines <= maxLines && excused) problems.push(`${file}: is short enough now, drop its exception`)
}
for (const file of longFiles.keys()) if (!files.includes(file)) problems.push(`${file}: excepted, but not there`)
if (fixtureBytes > maxFixtureBytes) problems.push(`fixtures: ${fixtureBytes} bytes in all, at most ${maxFixtureBytes}`)
report('check:size', problems, `${files.length} files, fixtures ${(fixtureBytes / 1e6).toFixed(1)} MB`)
