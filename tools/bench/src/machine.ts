import { cpus, loadavg, totalmem } from 'node:os'
import { Worker } from 'node:worker_threads'

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGb: number
  readonly platform: string
  readonly node: string
  /** Processes waiting for a core, over the last minute: above 0 the machine is not ours alone. */
  readonly load: number
  /** Read bandwidth of all cores together: what decoding, which reads every weight once a step, is bound by. */
  readonly readGbPerSecond: number
}

/** Compares two large buffers over and over: reads as fast as the memory gives. Runs in a thread of its own. */
const reader = `
const { parentPort, workerData } = require('node:worker_threads')
const a = Buffer.alloc(workerData.bytes, 1), b = Buffer.alloc(workerData.bytes, 1)
parentPort.postMessage('ready')
parentPort.on('message', () => {
  let read = 0
  const start = performance.now()
  while (performance.now() - start < workerData.ms) { a.compare(b); read += 2 * workerData.bytes }
  parentPort.postMessage(read / (performance.now() - start) / 1e6)
})`

/** GB/s read by `threads` threads at once. */
export async function readBandwidth(threads: number, bytes: number = 96 * 2 ** 20, ms = 300): Promise<number> {
  const workers = Array.from({ length: threads }, () => new Worker(reader, { eval: true, workerData: { bytes, ms } }))
  const next = (worker: Worker) =>
    new Promise<unknown>((done, failed) => worker.once('message', done).once('error', failed))
  try {
    await Promise.all(workers.map(next))
    const speeds = await Promise.all(
      workers.map(worker => {
        const answer = next(worker)
        worker.postMessage('go')
        return answer
      }),
    )
    return (speeds as number[]).reduce((sum, speed) => sum + speed, 0)
  } finally {
    await Promise.all(workers.map(worker => worker.terminate()))
  }
}

export async function describeMachine(threads: number): Promise<Machine> {
  const load = loadavg()[0]!
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    load,
    readGbPerSecond: await readBandwidth(threads),
  }
}
