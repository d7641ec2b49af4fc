import { FileFormatError } from '../errors.js'
import type { Logger } from '../logger.js'
import { type DownloadOptions, download } from './download.js'
import { sha256 } from './secure-context.js'

/** Files by their hashes, in the browser's storage. */
export class KeptFiles {
  private constructor(
    private readonly cache: Cache | undefined,
    private readonly logger: Logger | undefined,
  ) {}

  /** @param name of the Cache; undefined to keep nothing */
  static async open(name: string | undefined, logger?: Logger): Promise<KeptFiles> {
    try {
      return new KeptFiles(name === undefined ? undefined : await caches.open(name), logger)
    } catch (error) {
      logger?.warn(`the browser keeps no files for this page: ${String(error)}`)
      return new KeptFiles(undefined, logger)
    }
  }

  /**
   * The file at an address whose hash is known: as it was kept, or else as it comes from there.
   * @throws FileFormatError when what comes is something else; what `download` throws
   */
  async file(url: string, hash: string, options: DownloadOptions): Promise<Blob> {
    const key = `${url}?sha256=${hash}`
    const kept = await this.#match(key)
    // Storage can be damaged as well.
    if (kept && (await sha256(new Uint8Array(await kept.arrayBuffer()))) === hash) return kept
    const bytes = await download(url, options)
    if ((await sha256(bytes)) !== hash)
      throw new FileFormatError({
        file: url,
        message: `its ${bytes.length} bytes are not those that SHA256SUMS names: broken, cut off, or of another version`,
        hint: 'Load it again; where that does not help, its server has wrong files.',
      })
    const blob = new Blob([bytes])
    await this.#keep(key, blob, url)
    return blob
  }

  /** A text that may change: as the server has it now, or else as it was kept. @throws what `load` throws */
  async text(url: string, load: () => Promise<string>): Promise<string> {
    try {
      const text = await load()
      await this.#keep(url, text, url)
      return text
    } catch (error) {
      const kept = await this.#match(url)
      if (!kept) throw error
      return kept.text()
    }
  }

  async #match(key: string): Promise<Blob | undefined> {
    return (await this.cache?.match(key))?.blob()
  }

  /** In place of other versions of the file. */
  async #keep(key: string, content: Blob | string, url: string): Promise<void> {
    try {
      await this.cache?.delete(url, { ignoreSearch: true })
      await this.cache?.put(key, new Response(content))
    } catch (error) {
      // Most often a full disk: then it has to be loaded the next time again.
      this.logger?.warn(`the browser does not keep ${url}: ${String(error)}`)
    }
  }
}
