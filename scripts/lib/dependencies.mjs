// @ts-check
// The rules of who may import what. Pure functions over (package, file, specifier): scripts/check-deps.mjs feeds them.
import { isBuiltin } from 'node:module'
import path from 'node:path'

/** Lower layers never import higher ones, and packages of one layer do not know each other. */
export const layers = {
  '@viscpm/core': 0,
  '@viscpm/tiny': 0,
  '@viscpm/tokenizer': 1,
  '@viscpm/cpm-bee': 1,
  '@viscpm/qformer': 1,
  '@viscpm/unet-sampler': 1,
  '@viscpm/reranker': 1,
  '@viscpm/safety': 1,
  '@viscpm/models': 1,
  '@viscpm/chat': 2,
  '@viscpm/paint': 2,
  '@viscpm/eval': 3,
  '@viscpm/web': 3,
  '@viscpm/server': 4,
  '@viscpm/cli': 5,
  '@viscpm/examples': 6,
  '@viscpm/bench': 6,
  '@viscpm/parity': 3,
  '@viscpm/safety-eval': 3,
  '@viscpm/paint-quality': 3,
  '@viscpm/eval-parity': 6,
}

/** Imports within one layer that are meant, each with its reason. */
export const exceptions = new Map([
  ['@viscpm/cpm-bee -> @viscpm/tokenizer', 'text in, text out tasks: the tokenizer is part of what CPM-Bee is'],
])

/** Weights without code: the pipelines and apps load it by name, model packages need it at most in their tests. */
const embeddedModel = '@viscpm/tiny'

/** Shipped as a bundle, which has all that it imports inside: nothing of that is a dependency for whoever installs it. */
const bundled = new Set(['@viscpm/web'])

const nativeModules = ['onnxruntime-node', 'onnxruntime-web', 'onnxruntime-common', 'sharp']

/** @param {string} specifier the package a bare specifier names: @scope/name or name */
export function packageOf(specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** Not shipped: neither built nor packed. @param {string} file relative to the package */
const isForTests = file => /\.(test|bench)\.ts$/.test(file) || file.includes('/fixtures/')

/** Files that may reach the operating system and native modules. @param {string} dir @param {string} file relative to the package */
export function mayUseNode(dir, file) {
  if (dir.startsWith('apps/') || dir.startsWith('tools/')) return true
  if (isForTests(file)) return true
  return file.startsWith('src/node/') || (dir === 'packages/core' && file.startsWith('src/host/'))
}

/** Native modules elsewhere in core: the web runtime in its folder, and the types that all runtimes share. */
const coreFolders = /** @type {Record<string, string>} */ ({
  'onnxruntime-web': 'src/web/',
  'onnxruntime-common': 'src/session/',
})

/**
 * What is wrong with one import, or undefined.
 * @param {import('./workspace.mjs').WorkspacePackage} from
 * @param {string} file path inside the package, forward slashes
 * @param {string} specifier as written
 * @param {import('./workspace.mjs').WorkspacePackage[]} all
 * @returns {string | undefined}
 */
export function importProblem(from, file, specifier, all) {
  if (specifier.startsWith('.')) return relativeProblem(from, file, specifier)
  if (isBuiltin(specifier)) {
    return mayUseNode(from.dir, file) ? undefined : `imports ${specifier} outside the folders that may use Node`
  }
  const target = packageOf(specifier)
  if (nativeModules.includes(target)) {
    const folder = from.dir === 'packages/core' ? coreFolders[target] : undefined
    if (!mayUseNode(from.dir, file) && !(folder && file.startsWith(folder)))
      return `imports ${target} outside the folders that may use native modules`
  }
  const sibling = all.find(p => p.name === target)
  return sibling && sibling.name !== from.name ? siblingProblem(from, file, specifier, sibling) : undefined
}

/** @param {import('./workspace.mjs').WorkspacePackage} from @param {string} file @param {string} specifier */
function relativeProblem(from, file, specifier) {
  const target = path.posix.join(path.posix.dirname(file), specifier)
  if (target.startsWith('..')) return `reaches out of its package: ${specifier}`
  // A Node-free file that imports a file which may use Node is not Node-free.
  const ts = target.replace(/\.js$/, '.ts')
  if (!mayUseNode(from.dir, file) && mayUseNode(from.dir, ts)) return `imports ${specifier}, which may use Node`
  return undefined
}

/**
 * @param {import('./workspace.mjs').WorkspacePackage} from
 * @param {string} file
 * @param {string} specifier
 * @param {import('./workspace.mjs').WorkspacePackage} sibling
 */
function siblingProblem(from, file, specifier, sibling) {
  const subpath = `.${specifier.slice(sibling.name.length)}`
  const exported = Object.keys(sibling.manifest.exports ?? {})
  if (!exported.some(e => e === subpath || (e.endsWith('*') && subpath.startsWith(e.slice(0, -1))))) {
    return `imports ${specifier}, which ${sibling.name} does not export`
  }
  if (/^\.\/(node|host)\b/.test(subpath) && !mayUseNode(from.dir, file)) {
    return `imports ${specifier}, which may use Node`
  }
  const { dependencies = {}, peerDependencies = {}, devDependencies = {} } = from.manifest
  const declared =
    isForTests(file) || bundled.has(from.name)
      ? { ...dependencies, ...peerDependencies, ...devDependencies }
      : { ...dependencies, ...peerDependencies }
  if (!(sibling.name in declared)) return `imports ${sibling.name}, which its package.json does not declare`
  return undefined
}

/**
 * What is wrong with the workspace packages that a package declares.
 * @param {import('./workspace.mjs').WorkspacePackage} from
 * @returns {string[]}
 */
export function declarationProblems(from) {
  const rank = /** @type {Record<string, number | undefined>} */ (layers)
  const own = rank[from.name]
  if (own === undefined) return [`has no layer: give it one in scripts/lib/dependencies.mjs`]
  const { dependencies = {}, peerDependencies = {}, devDependencies = {} } = from.manifest
  const shipped = { ...dependencies, ...peerDependencies }
  return Object.keys({ ...shipped, ...devDependencies })
    .filter(name => name in layers && !exceptions.has(`${from.name} -> ${name}`))
    .filter(name => (name === embeddedModel ? name in shipped && own < 2 : (rank[name] ?? 0) >= own))
    .map(name => `depends on ${name}, which is not below it`)
}
