// @ts-check
// What every script needs: where the workspace is, which packages it has, and how to run a program in it.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')

/**
 * @typedef {object} Manifest
 * @property {string} name
 * @property {string} version
 * @property {string} [description]
 * @property {boolean} [private]
 * @property {Record<string, string | Record<string, string>>} [exports]
 * @property {Record<string, string>} [bin]
 * @property {Record<string, string>} [scripts]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [peerDependencies]
 * @property {Record<string, string>} [devDependencies]
 */

/**
 * @typedef {object} WorkspacePackage
 * @property {string} dir relative to the root, with forward slashes: packages/core
 * @property {string} name
 * @property {Manifest} manifest
 */

/** @param {string} [base] another tree of the same shape, for tests @returns {WorkspacePackage[]} */
export function workspacePackages(base = root) {
  return ['packages', 'apps', 'tools'].flatMap(group => {
    if (!existsSync(path.join(base, group))) return []
    return readdirSync(path.join(base, group))
      .sort()
      .map(entry => `${group}/${entry}`)
      .filter(dir => existsSync(path.join(base, dir, 'package.json')))
      .map(dir => {
        /** @type {Manifest} */
        const manifest = JSON.parse(readFileSync(path.join(base, dir, 'package.json'), 'utf8'))
        return { dir, name: manifest.name, manifest }
      })
  })
}

/**
 * The files git tracks or would track, with forward slashes. Only paths that exist: a deleted file may still be listed.
 * @param {string[]} [patterns] git pathspecs
 * @returns {string[]}
 */
export function projectFiles(patterns = []) {
  // A clone owned by another user (usual in containers) is not refused.
  const args = ['-c', 'safe.directory=*', 'ls-files', '-z', '-co', '--exclude-standard', '--', ...patterns]
  const { status, stdout, stderr } = spawnSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 })
  if (status !== 0) throw new Error(`git ls-files failed: ${stderr}`)
  return [...new Set(stdout.split('\0'))].filter(f => f !== '' && existsSync(path.join(root, f))).sort()
}

/**
 * Runs a program to its end and returns what it printed.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string> }} [options]
 * @returns {{ ok: boolean, output: string }} output: stdout and stderr
 */
export function run(command, args, options = {}) {
  const done = spawnSync(command, args, {
    cwd: options.cwd ?? root,
    env: { ...process.env, ...options.env },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return { ok: done.status === 0, output: `${done.stdout ?? ''}${done.stderr ?? ''}${done.error?.message ?? ''}` }
}

/**
 * Runs pnpm: the one that runs this script, else the one npx finds.
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string> }} [options]
 */
export function pnpm(args, options = {}) {
  const self = process.env.npm_execpath ?? ''
  if (!path.basename(self).startsWith('pnpm')) return run('npx', ['-y', 'pnpm@12', ...args], options)
  return /\.[cm]?js$/.test(self) ? run(process.execPath, [self, ...args], options) : run(self, args, options)
}

/**
 * Ends a check: prints the problems and sets the exit code, or prints that all is well.
 * @param {string} what
 * @param {string[]} problems
 * @param {string} [summary]
 */
export function report(what, problems, summary = 'ok') {
  for (const problem of problems) console.error(`  ${problem}`)
  if (problems.length > 0) process.exitCode = 1
  console.log(
    `${what}: ${problems.length > 0 ? `${problems.length} problem${problems.length > 1 ? 's' : ''}` : summary}`,
  )
}
