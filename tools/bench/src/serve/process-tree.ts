import { readdirSync, readFileSync } from 'node:fs'

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return '' // it has ended
  }
}

/** A process and all that it started, as far as they run. Linux only. */
export function processTree(pid: number): number[] {
  const children = readdirOf(`/proc/${pid}/task`).flatMap(task =>
    read(`/proc/${pid}/task/${task}/children`).trim().split(' ').filter(Boolean).map(Number),
  )
  return [pid, ...children.flatMap(processTree)]
}

function readdirOf(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** Memory of their own that a process and all that it started hold, in MB. */
export function ownMegabytes(pid: number): number {
  const kilobytes = processTree(pid).map(one =>
    Number(/RssAnon:\s*(\d+) kB/.exec(read(`/proc/${one}/status`))?.[1] ?? 0),
  )
  return kilobytes.reduce((sum, kb) => sum + kb, 0) / 1024
}

/** Open files and sockets of a process and all that it started. */
export function openHandles(pid: number): number {
  return processTree(pid).reduce((sum, one) => sum + readdirOf(`/proc/${one}/fd`).length, 0)
}
