// @ts-check
// Every package as its user gets it: packed, linted (publint, attw), installed alone in an empty folder, imported.
// Needs a build. Siblings come from their own tarballs; everything else from the registry.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pnpm, report, root, run, workspacePackages } from './lib/workspace.mjs'

/** Heavy native modules: peers below the apps, so that a tokenizer installs in a second. */
const native = ['onnxruntime-node', 'onnxruntime-web', 'sharp']

const bin = path.join(root, 'node_modules/.bin')
const work = mkdtempSync(path.join(tmpdir(), 'viscpm-packages-'))
const problems = /** @type {string[]} */ ([])
const packages = workspacePackages().filter(p => !p.manifest.private)
const only = process.argv.slice(2)

try {
  const tarballs = new Map(packages.map(p => [p.name, pack(p)]))
  for (const p of packages) {
    if (only.length > 0 && !only.includes(p.name)) continue
    const started = Date.now()
    const before = problems.length
    lint(p, tarballs)
    installAlone(p, tarballs)
    const verdict = problems.length > before ? 'FAILED' : 'ok'
    console.log(`  ${p.name.padEnd(20)} ${verdict} (${((Date.now() - started) / 1000).toFixed(1)} s)`)
  }
} finally {
  rmSync(work, { recursive: true, force: true })
}
report('check:packages', problems, `${packages.length} packages`)

/** @param {string} name @param {string} what @param {string} output */
function fail(name, what, output) {
  problems.push(`${name}: ${what}\n${output.trim().replace(/^/gm, '      ')}`)
}

/** @param {import('./lib/workspace.mjs').WorkspacePackage} p @returns {string} the tarball */
function pack(p) {
  const folder = path.join(work, 'tarballs', p.dir.replace('/', '-'))
  mkdirSync(folder, { recursive: true })
  const { ok, output } = pnpm(['pack', '--pack-destination', folder], { cwd: path.join(root, p.dir) })
  const tarball = readdirSync(folder).find(f => f.endsWith('.tgz'))
  if (!ok || tarball === undefined) throw new Error(`${p.name} cannot be packed:\n${output}`)
  return path.join(folder, tarball)
}

/** @param {import('./lib/workspace.mjs').WorkspacePackage} p @param {Map<string, string>} tarballs */
function lint(p, tarballs) {
  const tarball = tarballs.get(p.name) ?? ''
  const publint = run(path.join(bin, 'publint'), ['run', tarball, '--strict'])
  if (!publint.ok) fail(p.name, 'publint', publint.output)
  // ESM only by design; packages that ship data and no code have no types to look at.
  if (codeExports(p).length > 0) {
    const attw = run(path.join(bin, 'attw'), [tarball, '--profile', 'esm-only', '--no-color', '--no-emoji'])
    if (!attw.ok) fail(p.name, 'attw', attw.output)
  }
  const listed = run('tar', ['-tzf', tarball]).output.split('\n')
  for (const file of ['package/LICENSE', 'package/README.md']) {
    if (!listed.includes(file)) fail(p.name, 'the tarball lacks a file', file)
  }
  const stray = listed.filter(f => /\.test\.|\/fixtures\/|\.work\//.test(f))
  if (stray.length > 0) fail(p.name, 'the tarball carries files that are of no use to its user', stray.join('\n'))
}

/** @param {import('./lib/workspace.mjs').WorkspacePackage} p @returns {string[]} what a program imports */
function codeExports(p) {
  return Object.entries(p.manifest.exports ?? {})
    .filter(([, target]) => typeof target === 'object')
    .map(([subpath]) => p.name + subpath.slice(1))
}

/** @param {import('./lib/workspace.mjs').WorkspacePackage} p @param {Map<string, string>} tarballs */
function installAlone(p, tarballs) {
  const folder = path.join(work, 'alone', p.dir.replace('/', '-'))
  if (!install(p, folder, tarballs, {})) return
  const isApp = p.dir.startsWith('apps/')
  const brought = readdirSync(path.join(folder, 'node_modules/.pnpm')).filter(entry =>
    native.some(n => entry.startsWith(`${n}@`)),
  )
  if (!isApp && brought.length > 0) fail(p.name, 'brings in native modules', brought.join('\n'))

  const everything = codeExports(p)
  if (everything.length === 0) return
  const anywhere = everything.filter(specifier => !/\/(node|web|transformers)$/.test(specifier))
  importAll(p, folder, isApp ? everything : anywhere)
  if (!isApp && anywhere.length < everything.length && install(p, folder, tarballs, peers())) {
    importAll(p, folder, everything)
  }
  for (const command of Object.keys(p.manifest.bin ?? {})) {
    const { ok, output } = run(path.join(folder, 'node_modules/.bin', command), ['--version'], { cwd: folder })
    if (!ok || !output.includes(p.manifest.version)) fail(p.name, `${command} --version`, output)
    const demo = run(path.join(folder, 'node_modules/.bin', command), ['demo'], { cwd: folder })
    if (!demo.ok) fail(p.name, `${command} demo`, demo.output)
  }
}

/**
 * @param {import('./lib/workspace.mjs').WorkspacePackage} p
 * @param {string} folder
 * @param {Map<string, string>} tarballs
 * @param {Record<string, string>} extra
 */
function install(p, folder, tarballs, extra) {
  mkdirSync(folder, { recursive: true })
  const dependencies = { [p.name]: `file:${tarballs.get(p.name)}`, ...extra }
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'alone', private: true, dependencies }))
  const overrides = [...tarballs].map(([name, tarball]) => `  '${name}': 'file:${tarball}'`)
  const refused = ['msgpackr-extract', 'onnxruntime-node', 'protobufjs', 'sharp'].map(name => `  ${name}: false`)
  const settings = ['packages: []', 'overrides:', ...overrides, 'allowBuilds:', ...refused, '']
  writeFileSync(path.join(folder, 'pnpm-workspace.yaml'), settings.join('\n'))
  const { ok, output } = pnpm(['install', '--prefer-offline', '--no-frozen-lockfile'], { cwd: folder })
  if (!ok) fail(p.name, 'cannot be installed alone', output)
  return ok
}

/** The native modules in the versions that core asks for. @returns {Record<string, string>} */
function peers() {
  const { peerDependencies } = JSON.parse(readFileSync(path.join(root, 'packages/core/package.json'), 'utf8'))
  return peerDependencies
}

/** @param {import('./lib/workspace.mjs').WorkspacePackage} p @param {string} folder @param {string[]} specifiers */
function importAll(p, folder, specifiers) {
  // Subpaths of types alone export nothing at run time; the main entry always does.
  const empty = `if (Object.keys(main).length === 0) throw new Error('${p.name} exports nothing')`
  const lines = [`const main = await import('${p.name}')`, empty, ...specifiers.map(s => `await import('${s}')`)]
  writeFileSync(path.join(folder, 'import.mjs'), lines.join('\n'))
  const { ok, output } = run(process.execPath, ['import.mjs'], { cwd: folder })
  if (!ok) fail(p.name, `cannot import ${specifiers.join(', ')}`, output)
}
