import { DownloadError } from '@viscpm/core'
import type { Answer, HubClient } from './client.js'
import { contradiction, type Evidence, evidenceOf, hasHash, merged, strongEtag } from './evidence.js'
import { Fault, faultOf, statusFault } from './faults.js'
import { lengthOf, rangeTotal } from './lengths.js'
import type { PartFile } from './part-file.js'
import { sleep } from './pause.js'
import type { Settings } from './settings.js'

export interface TransferOptions {
  readonly client: Pick<HubClient, 'get'>
  readonly settings: Pick<Settings, 'retries' | 'backoff'>
  readonly signal?: AbortSignal
  /** Bytes of the file that are there. */
  readonly onBytes?: (done: number, total: number | undefined) => void
  /** Why another try is made. */
  readonly onRetry?: (why: string) => void
}

export interface Transferred {
  readonly size: number
  readonly sha256: string
  readonly evidence: Evidence
  readonly url: string
}

const longestPause = 30_000
const mostLies = 4
const mostMismatches = 2
const mostRewinds = 10
/** Tries at an address where nobody answers, while there are others. */
const knocks = 2

/**
 * Completes `part` from the first of `urls` that gives the right file. What is there is kept: it is gone on from, or compared with
 * what comes again, and only what differs is written anew.
 * @param known what the file should be, where that does not depend on who serves it
 * @throws DownloadError when no source gives it, WriteFailedError, OfflineError; the signal's reason when aborted
 */
export async function transfer(
  part: PartFile,
  name: string,
  urls: readonly string[],
  known: Evidence | undefined,
  options: TransferOptions,
): Promise<Transferred> {
  const problems: string[] = []
  let status: number | undefined
  for (const [index, url] of urls.entries()) {
    const result = await new Source(part, url, known, options, index === urls.length - 1).fetch()
    if (!(result instanceof Fault)) return result
    problems.push(`${new URL(url).host}: ${result.message}`)
    status = result.details.status ?? status
  }
  throw new DownloadError({
    file: name,
    message: problems.join('; ') || 'there is no source of it',
    hint: 'What came is kept: the same call goes on from there. HF_ENDPOINT names another server.',
    ...(status !== undefined && { status }),
  })
}

/** One source, asked until it gives the file or is given up. */
class Source {
  /** From the first byte, compared with what is there. */
  #whole = false
  #lies = 0
  #mismatches = 0
  #rewinds = 0
  #doubts = 0
  #evidence: Evidence | undefined
  readonly #origin: string

  constructor(
    private readonly part: PartFile,
    private readonly url: string,
    private readonly known: Evidence | undefined,
    private readonly options: TransferOptions,
    private readonly last: boolean,
  ) {
    this.#origin = new URL(url).origin
  }

  async fetch(): Promise<Transferred | Fault> {
    const { settings, signal, onRetry } = this.options
    for (let idle = 0; ; ) {
      let received = 0
      let fault: Fault
      try {
        return await this.#attempt(bytes => {
          received += bytes
        })
      } catch (error) {
        fault = faultOf(error, signal)
      }
      if (fault.kind === 'source') return fault
      if (fault.kind === 'lie') {
        if (++this.#lies > mostLies) this.#whole = true
        if (this.#lies > 2 * mostLies + settings.retries) return fault
        continue
      }
      idle = received > 0 ? 0 : idle + 1
      if (idle > settings.retries || (fault.kind === 'unreachable' && !this.last && idle >= knocks)) return fault
      onRetry?.(fault.message)
      const pause = Math.min(longestPause, settings.backoff * 2 ** idle)
      await sleep(fault.details.retryAfter ?? pause * (0.5 + Math.random() / 2), signal)
    }
  }

  async #attempt(onNew: (bytes: number) => void): Promise<Transferred> {
    const { part } = this
    const size = this.known?.size
    const same = part.memory.origin === this.#origin && part.memory.etag !== undefined
    // Without a hash that settles it in the end, only the same version of the same server may be gone on from.
    const resumable = this.known !== undefined && hasHash(this.known)
    if (part.size > 0 && !resumable && !same) this.#whole = true
    if (size !== undefined && part.size > size) this.#whole = true
    if (!this.#whole && resumable && part.size === size) return this.#checked()
    const from = this.#whole ? 0 : part.size
    const { client, signal } = this.options
    const answer = await client.get(this.url, {
      headers: from > 0 ? { range: `bytes=${from}-`, ...(same && { 'if-range': part.memory.etag! }) } : {},
      ...(signal && { signal }),
    })
    try {
      const total = this.#accept(answer, from, same)
      await this.#read(answer, answer.status === 206 ? from : 0, total, onNew)
    } finally {
      answer.body.destroy()
    }
    return this.#checked()
  }

  /** Whether the answer is to the question. @returns bytes of the whole file, where that is said */
  #accept(answer: Answer, from: number, same: boolean): number | undefined {
    const { status } = answer
    if (status === 416) {
      this.#whole ||= this.known?.size === undefined
      throw new Fault('the server has no bytes after those that are there', 'lie')
    }
    if (status !== 200 && status !== 206) throw statusFault(answer)
    const encoding = answer.header('content-encoding')
    if (encoding !== undefined && encoding !== 'identity')
      throw new Fault(`the server packs it (${encoding})`, 'source')
    const etag = strongEtag(answer)
    const changed = same && etag !== this.part.memory.etag
    // Once more before all of it is fetched again: many a proxy forgets about ranges only now and then.
    if (status === 200 && from > 0 && same && !changed && this.#lies < mostLies)
      throw new Fault('the server sends all where a part was asked for', 'lie')
    if (status === 206 && changed) {
      this.#whole = true
      throw new Fault('the server goes on with another version', 'lie')
    }
    const total = status === 206 ? rangeTotal(answer, from) : lengthOf(answer)
    const wanted = this.known?.size
    if (wanted !== undefined && total !== undefined && total !== wanted)
      throw new Fault(`the server has ${total} bytes instead of ${wanted}`, status === 206 ? 'lie' : 'again')
    const said = evidenceOf(answer)
    if (this.known?.sha256 && said.kind === 'hub' && said.sha256 && said.sha256 !== this.known.sha256)
      throw new Fault('the server has another file of that name', 'source')
    this.#evidence = merged(this.known, { ...said, ...(total !== undefined && { size: total }) }) ?? said
    // Where no hash settles it in the end, a page of somebody in between would do as well as the file.
    if (!hasHash(this.#evidence) && (etag === undefined || total === undefined))
      throw new Fault(`the server says neither hash nor ${etag === undefined ? 'version' : 'length'} of it`, 'again')
    return wanted ?? total
  }

  async #read(answer: Answer, from: number, total: number | undefined, onNew: (bytes: number) => void): Promise<void> {
    const { part } = this
    const { signal, onBytes } = this.options
    const etag = strongEtag(answer)
    const memory = { origin: this.#origin, ...(etag !== undefined && { etag }) }
    let offset = from
    // The rest of an older version must not be taken for a part of this one.
    if (offset === part.size) await part.remember(memory)
    for await (const bytes of answer.body as AsyncIterable<Buffer>) {
      signal?.throwIfAborted()
      let chunk = total === undefined ? bytes : bytes.subarray(0, Math.max(0, total - offset))
      if (offset < part.size) {
        const same = await part.sameAt(offset, chunk)
        offset += same
        if (same < chunk.length && offset < part.size) await this.#rewind(offset, signal)
        if (offset === part.size) {
          await part.remember(memory)
          this.#whole = false // What is there has come twice, and was the same.
        }
        chunk = chunk.subarray(same)
      }
      if (chunk.length > 0) {
        await part.append(chunk)
        offset += chunk.length
        onNew(chunk.length)
      }
      onBytes?.(part.size, total)
    }
    if (total !== undefined && offset < total) throw new Fault('the connection ended early', 'again')
    if (offset < part.size) await part.truncate(offset, signal)
    await part.remember(memory)
  }

  async #rewind(offset: number, signal: AbortSignal | undefined): Promise<void> {
    // One of the two is right. What is there is not given up for the first that says otherwise.
    const settled = this.known !== undefined && hasHash(this.known)
    if (settled && this.#mismatches === 0 && ++this.#doubts < 2)
      throw new Fault('what comes again differs from what is there', 'again')
    if (++this.#rewinds > mostRewinds) throw new Fault('the server sends something else each time', 'source')
    await this.part.truncate(offset, signal)
  }

  /** The file, if it is what it should be. */
  async #checked(): Promise<Transferred> {
    const { part, url } = this
    const evidence = this.#evidence ?? this.known ?? { kind: 'recorded' }
    const sha256 = part.digest()
    const wrong = await contradiction(evidence, { file: part.path, size: part.size, sha256 })
    if (wrong === undefined) return { size: part.size, sha256, evidence, url }
    this.#whole = true
    throw new Fault(`what came is another file: ${wrong}`, ++this.#mismatches > mostMismatches ? 'source' : 'again')
  }
}
