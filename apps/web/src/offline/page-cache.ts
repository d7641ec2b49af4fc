import type { PageFiles } from './page-files.js'

const prefix = 'viscpm-page-'

/** How long a server may take to say which version of the page is the newest. */
const patience = 4000

/** A name with the hash of its contents in it, as Vite makes them: what has this name never changes. */
const isHashed = (name: string): boolean => name.startsWith('assets/')

/** The files of one version of the page, in the browser's Cache API; nothing else ever gets there. */
export class PageCache {
  readonly #files: PageFiles
  readonly #scope: string
  readonly #known: ReadonlySet<string>

  /** @param scope URL of the folder that the page lies in */
  constructor(files: PageFiles, scope: string) {
    this.#files = files
    this.#scope = scope
    this.#known = new Set([...files.shell, ...files.later])
  }

  /** Takes in what the page needs to open. @throws TypeError, Error where a file does not come: then there is no new version */
  async install(): Promise<void> {
    const cache = await this.#open()
    await Promise.all(
      this.#files.shell.map(async name => {
        const url = this.#scope + name
        // What an earlier version has of the same content need not be loaded again.
        const had = isHashed(name) ? await caches.match(url) : undefined
        const response = had ?? (await fetch(url, { cache: isHashed(name) ? 'default' : 'no-cache' }))
        if (!response.ok) throw new Error(`${name}: the server answered ${response.status}`)
        await cache.put(url, response)
      }),
    )
  }

  /** Lets earlier versions go; large files that are the same are kept. */
  async takeOver(): Promise<void> {
    const cache = await this.#open()
    const old = (await caches.keys()).filter(name => name.startsWith(prefix) && name !== this.#name)
    for (const name of old) {
      const before = await caches.open(name)
      for (const file of this.#files.later) {
        const response = await before.match(this.#scope + file)
        if (response) await cache.put(this.#scope + file, response)
      }
      await caches.delete(name)
    }
  }

  /** The file that a request asks for; undefined for all that is no file of the page. */
  fileOf({ method, url }: Pick<Request, 'method' | 'url'>): string | undefined {
    const [place = ''] = url.split('#')
    if (method !== 'GET' || !place.startsWith(this.#scope)) return undefined
    const name = place.slice(this.#scope.length) || 'index.html'
    return this.#known.has(name) ? name : undefined
  }

  /**
   * The file: the newest where names say nothing of contents, as long as the server is there.
   * @param keeping told of what goes on after the answer
   * @throws TypeError where it is neither here nor there
   */
  async answer(name: string, request: Request, keeping: (done: Promise<unknown>) => void): Promise<Response> {
    const cache = await this.#open()
    const kept = await cache.match(this.#scope + name)
    if (isHashed(name)) {
      if (kept) return kept
      const response = await fetch(request)
      // Where there is no room for it, it is loaded again next time.
      if (response.ok) keeping(cache.put(this.#scope + name, response.clone()).catch(() => {}))
      return response
    }
    if (!kept) return fetch(request)
    try {
      const response = await fetch(request, { signal: AbortSignal.timeout(patience) })
      return response.status < 500 ? response : kept
    } catch {
      return kept
    }
  }

  get #name(): string {
    return prefix + this.#files.version
  }

  #open(): Promise<Cache> {
    return caches.open(this.#name)
  }
}
