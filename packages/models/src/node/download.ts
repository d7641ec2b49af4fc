import { stat, statfs } from 'node:fs/promises'
import { isVisCPMError, type Progress, WriteFailedError } from '@viscpm/core'
import type { ZooModel } from '../types.js'
import { requireLicenses } from './accepted.js'
import { HubClient } from './client.js'
import { downloadFile, existingBlob, type FileStep, isPresent, partFile } from './download-file.js'
import { type DownloadedModel, downloadedModel, findAsItIs, notDownloaded } from './downloaded.js'
import { makeFolder, placesOf, type RepoPlaces, writeRef } from './layout.js'
import { type NamedModel, namedModel } from './names.js'
import { type Plan, type PlannedFile, planOf } from './plan.js'
import { writeSnapshotRecord } from './records.js'
import { type Settings, type SettingsOptions, settingsOf } from './settings.js'

/** How far a download is; `done` and `total` are bytes of all files together. */
export interface DownloadProgress extends Progress {
  readonly phase: 'wait' | 'check' | 'download'
  readonly model: string
  readonly file: string
  readonly fileDone: number
  readonly fileTotal: number
  /** Which of how many, from 1 on. */
  readonly fileNumber: number
  readonly files: number
}

export interface DownloadOptions extends SettingsOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: DownloadProgress) => void
  /** Told why another try is made. */
  readonly onRetry?: (why: string) => void
  /** Models that it works with too. Default true. */
  readonly companions?: boolean
  /** Models that are known. Default: `zoo`. */
  readonly zoo?: readonly ZooModel[]
}

/**
 * Downloads a model into the Hugging Face cache: one of the zoo, by id or short name, or all files of a repository (OWNER/NAME,
 * with `@REVISION` where wanted). What is there is not fetched again, what was begun is gone on with. Offline, it is only looked up.
 * @throws LicenseError when its license was not accepted, OfflineError, DownloadError, WriteFailedError (also when the disk has
 * too little room), InvalidArgumentError; the signal's reason when aborted
 */
export async function downloadModel(name: string, options: DownloadOptions = {}): Promise<DownloadedModel> {
  const settings = settingsOf(options)
  options.signal?.throwIfAborted()
  const named = namedModel(name, options.zoo)
  if (settings.offline) {
    const found = await findAsItIs(name, options, true)
    if (found) return found
    throw notDownloaded(named.id)
  }
  const client = new HubClient(settings)
  try {
    const companions = options.companions === false ? [] : (named.model?.companions ?? [])
    const all = [named, ...companions.map(id => namedModel(id, options.zoo))]
    // The zoo's licenses are known before anything is asked.
    await requireLicenses(settings, all.flatMap(questionOf))
    const plans: Plan[] = []
    const hub = { client, settings, ...(options.signal && { signal: options.signal }) }
    for (const one of all) plans.push(await planOf(one, hub))
    await requireLicenses(
      settings,
      plans.map(({ question }) => question),
    )
    await run(plans, settings, client, options)
    return downloadedModel(plans[0]!, settings, options.zoo)
  } finally {
    await client.close()
  }
}

function questionOf({ id, model }: NamedModel): { model: string; license: ZooModel['license'] }[] {
  return model ? [{ model: id, license: model.license }] : []
}

interface Job {
  readonly plan: Plan
  readonly file: PlannedFile
  readonly places: RepoPlaces
}

async function run(
  plans: readonly Plan[],
  settings: Settings,
  client: HubClient,
  options: DownloadOptions,
): Promise<void> {
  const jobs = plans.flatMap(plan => {
    const places = placesOf(settings.cacheDir, plan.repo)
    return plan.files.map((file): Job => ({ plan, file, places }))
  })
  await checkSpace(jobs, settings)
  const total = jobs.reduce((sum, { file }) => sum + file.size, 0)
  let before = 0
  for (const [index, job] of jobs.entries()) {
    const onStep = (phase: FileStep, fileDone: number, fileTotal: number = job.file.size) => {
      const place = { model: job.plan.id, file: job.file.path, fileNumber: index + 1, files: jobs.length }
      const done = Math.min(total, before + (phase === 'download' ? fileDone : 0))
      options.onProgress?.({ phase, done, total, unit: 'bytes', fileDone, fileTotal, ...place })
    }
    await oneOf(job, settings, client, options, onStep)
    before += job.file.size
    onStep('download', 0)
  }
  for (const { id: _, repo, commit, revision, files, question } of plans) {
    const places = placesOf(settings.cacheDir, repo)
    const whole = files.map(({ path }) => path)
    await writeRef(places, revision, commit)
    if (!plans.some(plan => plan.model && plan.repo === repo))
      await writeSnapshotRecord(places, commit, { files: whole, license: question.license.id })
  }
}

/** The file, or the one that does the same. */
async function oneOf(
  { plan, file, places }: Job,
  settings: Settings,
  client: HubClient,
  { signal, onRetry }: DownloadOptions,
  onStep: (step: FileStep, done: number, total: number | undefined) => void,
): Promise<void> {
  const task = { client, settings, onStep, ...(signal && { signal }), ...(onRetry && { onRetry }) }
  if (file.otherwise && (await isPresent(places, plan.commit, file.otherwise))) return
  try {
    await downloadFile(places, plan.commit, file, task)
  } catch (error) {
    if (!file.otherwise || !isVisCPMError(error, 'DOWNLOAD_FAILED')) throw error
    onRetry?.(`${error.message}; ${file.otherwise.path} does the same`)
    await downloadFile(places, plan.commit, file.otherwise, task)
  }
}

/** What the file system itself needs, and the small files beside. */
const spare = 16 * 2 ** 20

async function checkSpace(jobs: readonly Job[], { cacheDir }: Settings): Promise<void> {
  await makeFolder(cacheDir)
  let needed = 0
  for (const { plan, file, places } of jobs) {
    if (await isPresent(places, plan.commit, file)) continue
    if (file.otherwise && (await isPresent(places, plan.commit, file.otherwise))) continue
    if (await existingBlob(places, file)) continue
    const part = await stat(partFile(places, plan.commit, file)).catch(() => undefined)
    needed += Math.max(0, file.size - (part?.size ?? 0))
  }
  const { bavail, bsize } = await statfs(cacheDir)
  const free = bavail * bsize
  const gb = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`
  if (needed > 0 && needed + spare > free)
    throw new WriteFailedError({
      file: cacheDir,
      message: `${gb(needed + spare)} are needed, ${gb(free)} are free`,
      hint: 'Free some space, or name another folder: HF_HUB_CACHE, --cache-dir.',
    })
}
