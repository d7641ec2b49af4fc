import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { isBuiltin } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, defaultClientConditions, type Plugin } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium } from '../../fixtures/chromium.js'
import { launch } from './fixtures/site.js'

const packages = fileURLToPath(new URL('../../../../../packages/', import.meta.url))
const chromium = findChromium()

interface Manifest {
  readonly name: string
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
}

/** What packages offer to programs that may run anywhere. */
function entries(): { specifier: string; source: string }[] {
  return readdirSync(packages).flatMap(folder => {
    const { name, exports } = JSON.parse(readFileSync(join(packages, folder, 'package.json'), 'utf8')) as Manifest
    return Object.entries(exports).flatMap(([path, target]) => {
      const source = typeof target === 'object' ? target['@viscpm/source'] : undefined
      if (path === './node' || source === undefined || !existsSync(join(packages, folder, source))) return []
      return [{ specifier: name + path.slice(1), source: join(packages, folder, source) }]
    })
  })
}

const native = ['onnxruntime-node', 'sharp', 'playwright-core']

/** Finds what a browser has not, in place of the emptiness that bundlers put there. */
function refuseNode(found: string[]): Plugin {
  return {
    name: 'refuse-node',
    enforce: 'pre',
    resolveId(source, importer) {
      if (isBuiltin(source) || native.includes(source)) found.push(`${importer} imports ${source}`)
      return undefined
    },
  }
}

/** Bundles modules for a browser into one file. @returns what of Node they import */
async function bundle(modules: readonly string[], folder: string): Promise<string[]> {
  const found: string[] = []
  const names = modules.map((module, i) => `import * as m${i} from ${JSON.stringify(module)}`)
  const sizes = modules.map((module, i) => `${JSON.stringify(module)}: Object.keys(m${i}).length`)
  await writeFile(
    join(folder, 'entry.ts'),
    `${names.join('\n')}\nObject.assign(window, { loaded: { ${sizes.join(', ')} } })\n`,
  )
  await build({
    root: folder,
    configFile: false,
    logLevel: 'error',
    plugins: [refuseNode(found)],
    resolve: { conditions: ['@viscpm/source', ...defaultClientConditions] },
    build: {
      outDir: join(folder, 'dist'),
      minify: false,
      rollupOptions: { input: join(folder, 'entry.ts'), output: { entryFileNames: 'entry.js' } },
    },
  })
  return found
}

describe('packages in a bundle for browsers', { timeout: 120_000 }, () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'viscpm-purity-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('notice an import of Node', async () => {
    const impure = join(folder, 'impure.ts')
    await writeFile(impure, "export { readFile } from 'node:fs/promises'\n")
    expect(await bundle([impure], folder)).toEqual([`${impure} imports node:fs/promises`])
    expect(await bundle([join(packages, 'chat/src/node/image.ts')], folder)).not.toEqual([])
  })

  it.skipIf(!chromium)('import nothing of Node, and start', async () => {
    const all = entries()
    const names = all.map(({ specifier }) => specifier)
    expect(names).toEqual(expect.arrayContaining(['@viscpm/core/web', '@viscpm/chat/web', '@viscpm/paint/web']))
    expect(names.filter(name => !name.includes('/', 8))).toEqual(
      expect.arrayContaining(
        ['core', 'tokenizer', 'cpm-bee', 'qformer', 'unet-sampler'].map(name => `@viscpm/${name}`),
      ),
    )
    expect(
      await bundle(
        all.map(({ source }) => source),
        folder,
      ),
    ).toEqual([])

    const script = readFileSync(join(folder, 'dist/entry.js'))
    const server = createServer((request, response) => {
      const isScript = request.url === '/entry.js'
      response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html')
      response.end(isScript ? script : '<!doctype html><script type="module" src="/entry.js"></script>')
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const browser = await launch(chromium!)
    try {
      const page = await browser.newPage()
      const errors: unknown[] = []
      page.on('pageerror', error => errors.push(error))
      await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`)
      await page.waitForFunction(() => 'loaded' in window).catch(error => errors.push(error))
      expect(errors).toEqual([])
      const loaded = await page.evaluate(() => (window as never as { loaded: Record<string, number> }).loaded)
      expect(Object.keys(loaded)).toHaveLength(all.length)
      // Types alone make an empty module, which only the graph of the dependency rules has to know.
      expect(loaded[all.find(({ specifier }) => specifier === '@viscpm/chat/web')!.source]).toBe(1)
    } finally {
      await browser.close()
      server.closeAllConnections()
      server.close()
    }
  })
})
