import type { FileSource, ModelFile, ZooModel } from '../types.js'
import type { LicenseQuestion } from './accepted.js'
import { type Evidence, merged } from './evidence.js'
import { type HubContext, type ListedFile, listRepo, lookUpFiles, lookUpRepo } from './hub-lists.js'
import { checkedPath } from './layout.js'
import type { NamedModel } from './names.js'

/** A file to be fetched. */
export interface PlannedFile {
  readonly path: string
  /** Bytes, perhaps rounded. */
  readonly size: number
  readonly evidence: Evidence | undefined
  readonly urls: readonly string[]
  /** For when none of the addresses has it. */
  readonly otherwise?: PlannedFile
}

/** What a model consists of and where it is. */
export interface Plan extends NamedModel {
  readonly commit: string
  readonly files: readonly PlannedFile[]
  readonly question: LicenseQuestion
}

const isCommit = (revision: string): boolean => /^[0-9a-f]{40}$/.test(revision)

/** Asks the hub for what is not known. @throws DownloadError, OfflineError */
export async function planOf(named: NamedModel, hub: HubContext): Promise<Plan> {
  const { model, revision, repo } = named
  if (!model) {
    const { commit, license } = await lookUpRepo(hub, repo, revision)
    const listed = (await listRepo(hub, repo, commit)).filter(({ path }) => path !== '.gitattributes')
    const files = listed.map(({ path, size, evidence }) => {
      return { path, size, evidence, urls: addresses(hub, repo, commit, path) }
    })
    return { ...named, commit, files, question: { model: named.id, license } }
  }
  const commit = isCommit(revision) ? revision : (await lookUpRepo(hub, repo, revision)).commit
  const all = model.files.flatMap(file => [file, ...(file.otherwise ? [file.otherwise] : [])])
  const pinned = commit === model.commit
  const unsure = all.filter(({ sha256, exact }) => !pinned || !sha256 || !exact).map(({ path }) => path)
  const listed = unsure.length ? await listedOrNothing(hub, model, commit, unsure) : new Map<string, ListedFile>()
  const planned = (file: ModelFile): PlannedFile => plannedFile(file, { hub, model, commit, pinned, listed })
  return { ...named, commit, files: model.files.map(planned), question: { model: named.id, license: model.license } }
}

/** A mirror may have the files and not the lists: then the answers' headers say what they are. */
async function listedOrNothing(
  hub: HubContext,
  { repo }: ZooModel,
  commit: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, ListedFile>> {
  try {
    return await lookUpFiles(hub, repo, commit, paths)
  } catch (error) {
    hub.signal?.throwIfAborted()
    if ((error as { code?: unknown }).code !== 'DOWNLOAD_FAILED') throw error
    return new Map()
  }
}

function plannedFile(
  file: ModelFile,
  about: {
    readonly hub: HubContext
    readonly model: ZooModel
    readonly commit: string
    readonly pinned: boolean
    readonly listed: ReadonlyMap<string, ListedFile>
  },
): PlannedFile {
  const { hub, model, commit, pinned, listed } = about
  const found = listed.get(file.path)
  const published: Evidence | undefined = pinned
    ? {
        kind: file.sha256 ? 'published' : 'recorded',
        ...(file.sha256 && { sha256: file.sha256 }),
        ...(file.exact && { size: file.size }),
      }
    : undefined
  // What it says of another file says nothing of this one.
  const same = !published?.sha256 || found?.evidence.sha256 === published.sha256
  const evidence = merged(published, same ? found?.evidence : undefined)
  const elsewhere = published?.sha256 ? (file.elsewhere ?? []) : []
  const urls = [
    ...addresses(hub, model.repo, commit, file.path),
    ...elsewhere.flatMap(source => sourceAddresses(hub, source)),
  ]
  return {
    path: checkedPath(file.path),
    size: evidence?.size ?? file.size,
    evidence,
    urls,
    ...(file.otherwise && { otherwise: plannedFile(file.otherwise, about) }),
  }
}

function addresses({ settings }: HubContext, repo: string, commit: string, path: string): string[] {
  const encoded = path.split('/').map(encodeURIComponent).join('/')
  return settings.endpoints.map(endpoint => `${endpoint}/${repo}/resolve/${commit}/${encoded}`)
}

function sourceAddresses(hub: HubContext, source: FileSource): string[] {
  return 'url' in source ? [source.url] : addresses(hub, source.repo, source.commit, source.path)
}
