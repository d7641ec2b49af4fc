import { createHash } from 'node:crypto'
import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fingerprint, namesIn } from './folders.js'
import { filler, SmallDisk } from './small-disk.js'
import { type Prepared, prepareSmallModel } from './small-model.js'
import { answerOf, type Ended, mustSucceed, type Running, startViscpm, viscpm } from './viscpm.js'

const mebibyte = 2 ** 20
/** Slower: it is not over before the disk is full. */
const rounding = ['--rounding', 'search']

/** How a command took a full disk. */
export interface FullDiskRow {
  readonly what: string
  readonly code: number | null
  readonly error: string
  readonly message: string
}

interface Place {
  readonly disk: SmallDisk
  readonly small: Prepared
}

/**
 * Lets the disk become full before and while models are converted, a picture is painted and a painter is calibrated. Every time: exit
 * code 1, an error that names the file and the reason, what was there before is as it was, nothing half-written by the name that was
 * asked for; and with room the same command succeeds.
 * @throws Error saying what was wrong
 */
export async function fillDisks(folder: string, onRow: (row: FullDiskRow) => void): Promise<void> {
  const small = await prepareSmallModel(folder, rounding)
  const disk = SmallDisk.mount(join(folder, 'disk'), 2 * mebibyte)
  try {
    onRow(await conversionWithoutRoom({ disk, small }))
    disk.resize(96 * mebibyte)
    for (const share of [0.1, 0.5, 0.9]) onRow(await conversionFilled({ disk, small }, share))
    onRow(await pictureWithoutRoom(disk))
    onRow(await pictureFilled(disk))
    onRow(await calibrationWithoutRoom(disk))
  } finally {
    disk.unmount()
  }
}

async function conversionWithoutRoom({ disk, small }: Place): Promise<FullDiskRow> {
  const what = 'quantize, too little room from the start'
  const target = join(disk.folder, 'model')
  const row = failed(what, await viscpm(['quantize', small.source, '-o', target, '--json']))
  await only(what, disk, [])
  return row
}

async function conversionFilled({ disk, small }: Place, share: number): Promise<FullDiskRow> {
  const what = `quantize, filled by another program at ${(100 * share).toFixed(0)} %`
  const target = join(disk.folder, 'model')
  const argv = ['quantize', small.source, '-o', target, '--workers', '1', ...rounding, '--json']
  const { size } = await stat(join(small.expected, 'model.safetensors'))
  const child = startViscpm(argv)
  await until(child, async () => {
    const written = await stat(join(disk.folder, '.model.converting/model/model.safetensors')).catch(() => undefined)
    return (written?.blocks ?? 0) * 512 > share * size
  })
  child.during(() => disk.fill())
  const row = failed(what, await child.ended)
  await only(what, disk, ['.model.converting', filler])
  const verified = await viscpm(['verify', target])
  if (verified.code !== 1) throw new Error(`${what}: viscpm verify takes it for whole`)
  disk.clear()
  const again = mustSucceed(await viscpm(argv), `${what}: with room again, it`)
  if ((await fingerprint(target)) !== small.print) throw new Error(`${what}: with room again, it gave other bytes`)
  if (!(Number(answerOf(again).resumed) > 0)) throw new Error(`${what}: what was done was not kept`)
  await only(what, disk, ['model'])
  await removeIn(disk, 'model')
  return row
}

const paintArgs = (file: string) => ['paint', 'a red cat', '-o', file, '--steps', '20', '--candidates', '1', '--json']

async function pictureWithoutRoom(disk: SmallDisk): Promise<FullDiskRow> {
  const what = 'paint, no room'
  disk.fill()
  const row = failed(what, await viscpm(paintArgs(join(disk.folder, 'cat.png'))))
  await only(what, disk, [filler])
  disk.clear()
  return row
}

async function pictureFilled(disk: SmallDisk): Promise<FullDiskRow> {
  const what = 'paint over an older picture, filled by another program meanwhile'
  const file = join(disk.folder, 'cat.png')
  mustSucceed(await viscpm([...paintArgs(file), '--seed', '1']), 'paint')
  const hash = async () =>
    createHash('sha256')
      .update(await readFile(file))
      .digest('hex')
  const before = await hash()
  const argv = [...paintArgs(file), '--seed', '2']
  const child = startViscpm(argv)
  await until(child, async () => child.stderr().includes('loaded'))
  // Its own check of the room comes right after loading, and painting takes longer than that.
  await new Promise(resolve => setTimeout(resolve, 150))
  child.during(() => disk.fill())
  const row = failed(what, await child.ended)
  await only(what, disk, ['cat.png', filler])
  if ((await hash()) !== before) throw new Error(`${what}: the older picture was changed`)
  disk.clear()
  mustSucceed(await viscpm(argv), `${what}: with room again, it`)
  if ((await hash()) === before) throw new Error(`${what}: with room again, nothing was painted`)
  await removeIn(disk, 'cat.png')
  return row
}

async function calibrationWithoutRoom(disk: SmallDisk): Promise<FullDiskRow> {
  const what = 'calibrate, too little room'
  const target = join(disk.folder, 'int8')
  const argv = ['calibrate', 'tiny', '-o', target, '--prompt', 'a red cat', '--steps', '2', '--json']
  disk.fill(4 * mebibyte)
  const row = failed(what, await viscpm(argv))
  await only(what, disk, [filler])
  disk.clear()
  mustSucceed(await viscpm(argv), `${what}: with room again, it`)
  const file = join(disk.folder, 'cat.png')
  mustSucceed(
    await viscpm([...paintArgs(file), '--model', target, '--steps', '2']),
    `${what}: painting with its result`,
  )
  return row
}

/** Waits for what a running command does. @throws Error when it ends before */
async function until({ ended }: Running, reached: () => Promise<boolean>): Promise<void> {
  let over = false
  void ended.then(() => {
    over = true
  })
  while (!(await reached())) {
    if (over) throw new Error(`it ended before the disk could be filled: ${(await ended).stderr}`)
    await new Promise(resolve => setTimeout(resolve, 2))
  }
}

/** A run on a full disk. @throws Error when it went well, or told something else */
function failed(what: string, ended: Ended): FullDiskRow {
  const { code = '', message = '' } = answerOf(ended).error ?? {}
  if (ended.code !== 1 || code !== 'WRITE_FAILED' || !/full|free/.test(message))
    throw new Error(`${what}: ended with ${ended.signal ?? ended.code}: ${ended.stdout}${ended.stderr}`)
  return { what, code: ended.code, error: code, message }
}

async function only(what: string, disk: SmallDisk, names: readonly string[]): Promise<void> {
  const found = await namesIn(disk.folder)
  if (String(found) !== String(names)) throw new Error(`${what}: it left ${found.join(', ') || 'nothing'}`)
}

async function removeIn(disk: SmallDisk, name: string): Promise<void> {
  await rm(join(disk.folder, name), { recursive: true })
}
