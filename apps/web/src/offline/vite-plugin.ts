import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'
import type { PageFiles } from './page-files.js'

const script = 'sw.js'
const placeholder = '__PAGE_FILES__'

/** Parts that are not needed to open the page, and much larger than all that is. */
const isLater = (name: string): boolean => name.endsWith('.wasm')

/** Sorts a build's files, each with its contents. */
export function pageFiles(contents: ReadonlyMap<string, string | Uint8Array>): PageFiles {
  const names = [...contents.keys()].sort()
  const hash = createHash('sha256')
  for (const name of names) hash.update(`${name}\0`).update(contents.get(name)!).update('\0')
  return {
    version: hash.digest('hex').slice(0, 16),
    shell: names.filter(name => !isLater(name)),
    later: names.filter(isLater),
  }
}

/** Builds the service worker beside the page, and tells it which files the page has. */
export function offlinePage(): Plugin {
  let publicDir = ''
  return {
    name: 'viscpm-offline-page',
    apply: 'build',
    enforce: 'post',
    configResolved(config) {
      publicDir = config.publicDir
    },
    buildStart() {
      const id = fileURLToPath(new URL('service-worker.ts', import.meta.url))
      this.emitFile({ type: 'chunk', id, fileName: script })
    },
    generateBundle: {
      // After index.html, which is made here too.
      order: 'post',
      handler(_options, bundle) {
        const contents = new Map<string, string | Uint8Array>()
        for (const one of Object.values(bundle))
          if (one.fileName !== script) contents.set(one.fileName, one.type === 'chunk' ? one.code : one.source)
        for (const name of readdirSync(publicDir)) contents.set(name, readFileSync(path.join(publicDir, name)))
        const worker = bundle[script]
        if (worker?.type !== 'chunk') throw new Error(`the build has no ${script}`)
        if (worker.imports.length > 0) throw new Error(`${script} must be one file, but imports ${worker.imports}`)
        worker.code = worker.code.replaceAll(placeholder, JSON.stringify(pageFiles(contents)))
      },
    },
  }
}
