import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, extname, join, relative, sep } from 'node:path'
import { Readable } from 'node:stream'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
}

interface StaticFile {
  readonly file: string
  readonly size: number
  readonly type: string
  readonly etag: string
  readonly cache: string
}

export interface StaticFilesOptions {
  /** Folder of the built page. Default: that of @viscpm/web, if it is built. */
  readonly web?: string
}

/**
 * The page and the embedded model: a list of files, made once. What is not on it does not exist, so a path in a request is
 * never a path on the disk.
 */
export class StaticFiles {
  private readonly files = new Map<string, StaticFile>()
  /** Whether there is a page. */
  readonly hasPage: boolean

  constructor({ web = packageFolder('@viscpm/web', 'dist') }: StaticFilesOptions = {}) {
    this.hasPage = web !== undefined && existsSync(join(web, 'index.html'))
    if (web !== undefined && this.hasPage) {
      // Names under assets/ have the hash of their contents in them.
      this.add(web, '/', path => (path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache'))
      this.files.set('/', this.files.get('/index.html')!)
    }
    for (const part of ['model', 'paint', 'pictures']) {
      const folder = packageFolder('@viscpm/tiny', part)
      if (folder !== undefined) this.add(folder, `/models/tiny/${part}/`, () => 'public, max-age=3600')
    }
  }

  has(path: string): boolean {
    return this.files.has(path)
  }

  get paths(): readonly string[] {
    return [...this.files.keys()]
  }

  /** @returns undefined for a path that is not on the list */
  answer(path: string, method: string, ifNoneMatch: string | undefined): Response | undefined {
    const found = this.files.get(path)
    if (!found) return undefined
    const { file, size, type, etag, cache } = found
    const headers = { etag, 'cache-control': cache }
    if (ifNoneMatch?.split(/\s*,\s*/).includes(etag)) return new Response(null, { status: 304, headers })
    const all = { ...headers, 'content-type': type, 'content-length': String(size) }
    if (method === 'HEAD') return new Response(null, { headers: all })
    return new Response(Readable.toWeb(createReadStream(file)) as ReadableStream, { headers: all })
  }

  private add(folder: string, at: string, cacheOf: (path: string) => string): void {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const file = join(entry.parentPath ?? entry.path, entry.name)
      const path = at + relative(folder, file).split(sep).join('/')
      const { size, mtimeMs } = statSync(file)
      const type = types[extname(file).toLowerCase()] ?? 'application/octet-stream'
      const etag = `"${size.toString(36)}-${Math.round(mtimeMs).toString(36)}"`
      this.files.set(path, { file, size, type, etag, cache: cacheOf(path) })
    }
  }
}

/** A folder of an installed package; undefined where it is not there. */
function packageFolder(name: string, folder: string): string | undefined {
  try {
    const path = join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), folder)
    return existsSync(path) ? path : undefined
  } catch {
    return undefined
  }
}
