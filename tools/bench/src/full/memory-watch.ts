import { readFileSync } from 'node:fs'

/** Largest values seen, in MB; each of them at its own moment. */
export interface PeakMemory {
  readonly resident: number
  /** Memory of the process's own. */
  readonly anonymous: number
  /** Pages of files, which the system can drop and read again. */
  readonly file: number
}

const everyMs = 50

/** Watches another process, whose own thread a run blocks. @returns call it to stop; undefined where there is no /proc */
export function watchMemory(pid: number): () => PeakMemory | undefined {
  const peak = { resident: 0, anonymous: 0, file: 0 }
  const look = () => {
    let text: string
    try {
      text = readFileSync(`/proc/${pid}/status`, 'utf8')
    } catch {
      return
    }
    const mb = (name: string) => Number(new RegExp(`${name}:\\s*(\\d+) kB`).exec(text)?.[1] ?? 0) / 1024
    peak.resident = Math.max(peak.resident, mb('VmHWM'))
    peak.anonymous = Math.max(peak.anonymous, mb('RssAnon'))
    peak.file = Math.max(peak.file, mb('RssFile'))
  }
  const timer = setInterval(look, everyMs)
  timer.unref()
  return () => {
    look()
    clearInterval(timer)
    return peak.resident > 0 ? peak : undefined
  }
}
