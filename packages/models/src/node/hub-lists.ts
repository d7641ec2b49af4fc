import { type ListFileEntry, listFiles, modelInfo, pathsInfo } from '@huggingface/hub'
import { DownloadError, isVisCPMError } from '@viscpm/core'
import type { License } from '../types.js'
import type { HubClient } from './client.js'
import type { Evidence } from './evidence.js'
import { retryAfterOf } from './faults.js'
import { checkedPath } from './layout.js'
import { sleep } from './pause.js'
import type { Settings } from './settings.js'

/** A file as the hub lists it. */
export interface ListedFile {
  readonly path: string
  readonly size: number
  readonly evidence: Evidence
}

export interface HubContext {
  readonly client: HubClient
  readonly settings: Pick<Settings, 'endpoints' | 'retries' | 'backoff'>
  readonly signal?: AbortSignal
}

const listedFile = ({ path, size, oid, lfs }: Pick<ListFileEntry, 'path' | 'size' | 'oid' | 'lfs'>): ListedFile => {
  const bytes = lfs?.size ?? size
  const hash = lfs ? { sha256: lfs.oid.replace(/^sha256:/, '') } : oid ? { gitSha1: oid } : undefined
  return { path, size: bytes, evidence: { kind: hash ? 'hub' : 'recorded', size: bytes, ...hash } }
}

/** The files of a repository at a commit. @throws DownloadError, InvalidArgumentError for paths that would leave the cache */
export async function listRepo(hub: HubContext, repo: string, commit: string): Promise<readonly ListedFile[]> {
  const entries = await asked(hub, repo, async (hubUrl, fetch) => {
    const found: ListFileEntry[] = []
    for await (const entry of listFiles({ repo, revision: commit, recursive: true, hubUrl, fetch }))
      if (entry.type === 'file') found.push(entry)
    return found
  })
  return entries.map(entry => ({ ...listedFile(entry), path: checkedPath(entry.path) }))
}

/** What the hub says of some files of a repository; those that it does not have are left out. @throws DownloadError */
export async function lookUpFiles(
  hub: HubContext,
  repo: string,
  commit: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, ListedFile>> {
  const entries = await asked(hub, repo, (hubUrl, fetch) =>
    pathsInfo({ repo, revision: commit, paths: [...paths], hubUrl, fetch }),
  )
  return new Map(entries.filter(({ type }) => type === 'file').map(entry => [entry.path, listedFile(entry)]))
}

/** Commit and license of a repository. @throws DownloadError */
export async function lookUpRepo(
  hub: HubContext,
  repo: string,
  revision: string,
): Promise<{ readonly commit: string; readonly license: License }> {
  const info = await asked(hub, repo, (hubUrl, fetch) =>
    modelInfo({ name: repo, revision, hubUrl, fetch, additionalFields: ['sha', 'cardData', 'tags'] }),
  )
  if (!/^[0-9a-f]{40}$/.test(info.sha ?? ''))
    throw new DownloadError({ file: repo, message: `the hub does not say which commit ${revision} is` })
  const card = (info.cardData ?? {}) as { license?: unknown; license_name?: unknown; license_link?: unknown }
  const tagged = info.tags?.find(tag => tag.startsWith('license:'))?.slice('license:'.length)
  const said = [card.license_name, card.license, tagged].find(one => typeof one === 'string' && one !== 'other')
  return { commit: info.sha as string, license: statedLicense(repo, said as string | undefined, card.license_link) }
}

/** A license of which only the hub's short name is known. */
function statedLicense(repo: string, id: string | undefined, link: unknown): License {
  return {
    id: id ?? `not-stated:${repo}`,
    name: id ?? 'not stated on the model page',
    url: typeof link === 'string' && URL.canParse(link) ? link : undefined,
    nonCommercial: /(^|[-_])nc([-_]|$)|non-?commercial/i.test(id ?? ''),
    summary: {
      en: id ? 'As the model page names it: read its text there.' : 'The model page names no license.',
      zh: id ? '以上为模型页所标注的许可协议，全文请见该页。' : '模型页未标注许可协议。',
    },
  }
}

/** Asks each endpoint in turn, some more than once; a busy one as late as it asks for. */
async function asked<T>(
  { client, settings, signal }: HubContext,
  repo: string,
  ask: (hubUrl: string, fetcher: typeof fetch) => Promise<T>,
): Promise<T> {
  const problems: string[] = []
  let status: number | undefined
  for (const endpoint of settings.endpoints) {
    for (let attempt = 0; ; attempt++) {
      let wait: number | undefined
      try {
        return await ask(endpoint, async (input, init) => {
          const answer = await client.fetch(input, { ...init, ...(signal && { signal }) })
          wait = retryAfterOf(answer.headers.get('retry-after') ?? undefined)
          return answer
        })
      } catch (error) {
        signal?.throwIfAborted()
        if (isVisCPMError(error)) throw error
        const { statusCode, code, message } = error as { statusCode?: number; code?: string; message: string }
        const final = statusCode !== undefined && statusCode < 500 && ![408, 425, 429].includes(statusCode)
        const deaf = statusCode === undefined && attempt >= 1
        if (final || deaf || attempt >= settings.retries) {
          status = statusCode ?? status
          problems.push(
            `${new URL(endpoint).host}: ${statusCode ? `the server answers ${statusCode}` : message || code}`,
          )
          break
        }
        const pause = Math.min(30_000, settings.backoff * 2 ** attempt)
        await sleep(wait ?? pause * (0.5 + Math.random() / 2), signal)
      }
    }
  }
  throw new DownloadError({
    file: repo,
    message: problems.join('; '),
    hint:
      status === 404 || status === 401
        ? 'There is no such model on the hub, or it wants a token (HF_TOKEN). A file or folder of that name is not there either.'
        : 'Is there a network? HF_ENDPOINT names another server, HTTPS_PROXY a proxy.',
    ...(status !== undefined && { status }),
  })
}
