// @ts-check
// The ```ts blocks of the READMEs and guides: all are type-checked against the built packages, those of the package
// READMEs and those marked `ts run` are run as well, and so are the programs of apps/examples. Needs a build. Guides in
// Chinese must hold the same snippets as those in English.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import { pageFiles } from './lib/gather-site.mjs'
import { pageOf } from './lib/site-pages.mjs'
import { snippetsOf } from './lib/snippets.mjs'
import { translationProblems } from './lib/translations.mjs'
import { projectFiles, report, root, workspacePackages } from './lib/workspace.mjs'

const timeout = 120_000
const problems = /** @type {string[]} */ ([])

// A package's snippets lie inside it, so that they see what its dependencies allow; the rest sees everything.
const packages = workspacePackages().filter(p => !p.manifest.private)
const documents = [
  ...packages.map(p => ({ file: `${p.dir}/README.md`, home: p.dir, run: true, owner: p })),
  ...projectFiles(['README.md', 'CONTRIBUTING.md', 'docs/*.md']).map(file => ({
    ...{ file, home: 'apps/examples', run: false, owner: undefined },
  })),
]

const homes = [...new Set(documents.map(d => path.join(root, d.home, '.work/snippets')))]
for (const home of homes) rmSync(home, { recursive: true, force: true })

/** @type {{ at: string, source: string, cwd: string, run: boolean }[]} */
const snippets = []
for (const { file, home, run, owner } of documents) {
  if (!existsSync(path.join(root, file))) {
    if (owner) problems.push(`${file} is missing`)
    continue
  }
  const found = snippetsOf(readFileSync(path.join(root, file), 'utf8'), run)
  const hasCode = Object.values(owner?.manifest.exports ?? {}).some(target => typeof target === 'object')
  if (hasCode && !owner?.manifest.bin && !found.some(s => s.run)) problems.push(`${file} has no example that runs`)
  for (const snippet of found) {
    const folder = path.join(root, home, '.work/snippets')
    mkdirSync(folder, { recursive: true })
    const source = path.join(folder, `${file.replaceAll('/', '-').replace(/\.md$/, '')}-${snippet.line}.ts`)
    // Even a snippet without imports is a module of its own.
    writeFileSync(source, `${snippet.code}export {}\n`)
    snippets.push({ at: `${file}:${snippet.line}`, source, cwd: path.join(root, home), run: snippet.run })
  }
}

const base = ts.parseConfigFileTextToJson('', readFileSync(path.join(root, 'tsconfig.base.json'), 'utf8')).config
const { options } = ts.convertCompilerOptionsFromJson(base.compilerOptions, root)
const program = ts.createProgram(
  snippets.map(s => s.source),
  {
    ...options,
    types: ['node'],
    typeRoots: [path.join(root, 'node_modules/@types')],
    declaration: false,
    declarationMap: false,
    isolatedDeclarations: false,
    sourceMap: false,
    noUnusedLocals: false,
  },
)
for (const d of ts.getPreEmitDiagnostics(program)) {
  const snippet = snippets.find(s => s.source === d.file?.fileName)
  const line = d.file ? d.file.getLineAndCharacterOfPosition(d.start ?? 0).line + 1 : 0
  const where = snippet ? snippet.at.replace(/:\d+$/, `:${line}`) : (d.file?.fileName ?? '')
  problems.push(`${where} ${ts.flattenDiagnosticMessageText(d.messageText, '\n')}`)
}
program.emit()

for (const { at, source, cwd, run } of snippets) if (run) runProgram(at, source.replace(/\.ts$/, '.js'), cwd)

const examples = readdirSync(path.join(root, 'apps/examples')).filter(f => f.endsWith('.ts'))
for (const example of examples) {
  const built = path.join(root, 'apps/examples/dist', example.replace(/\.ts$/, '.js'))
  runProgram(`apps/examples/${example}`, built, path.join(root, 'apps/examples'))
}

/** @param {string} name @param {string} program @param {string} cwd */
function runProgram(name, program, cwd) {
  const started = Date.now()
  const done = spawnSync(process.execPath, [program], { cwd, encoding: 'utf8', timeout })
  if (done.status === 0) console.log(`  ran ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`)
  else problems.push(`${name} failed: ${done.error?.message ?? ''}\n${`${done.stdout}${done.stderr}`.trim()}`)
}

const pages = new Map(pageFiles().map(file => [pageOf(file), readFileSync(path.join(root, file), 'utf8')]))
for (const [page = '', text] of pages) {
  const translated = pages.get(`zh/${page}`)
  if (translated === undefined) continue
  problems.push(...translationProblems(text, translated).map(problem => `docs/zh/${page} ${problem}`))
}

const ran = snippets.filter(s => s.run).length
report(
  'check:snippets',
  problems,
  `${snippets.length} type-checked, ${ran} of them and ${examples.length} examples run`,
)
if (problems.length === 0) for (const home of homes) rmSync(home, { recursive: true, force: true })
