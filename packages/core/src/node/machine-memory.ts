import { readFileSync } from 'node:fs'
import { freemem, totalmem } from 'node:os'
import { join } from 'node:path'

/** Bytes. */
export interface MachineMemory {
  readonly total: number
  /** What this process may still take: of the machine, of its container, and of its own limits. */
  readonly free: number
}

/**
 * Memory of this machine, or of the container or limit that this process is in. Pages of files that the system merely keeps count as
 * free.
 * @param read for tests: the text of a file, or undefined where there is none
 */
export function machineMemory(read: (file: string) => string | undefined = textOf): MachineMemory {
  const available = field(read('/proc/meminfo'), 'MemAvailable')
  let total = totalmem()
  let free = available === undefined ? freemem() : available * 1024
  for (const { limit, used } of [...cgroupLimits(read), ...processLimits(read)]) {
    if (!(limit < 2 ** 60)) continue
    total = Math.min(total, limit)
    free = Math.min(free, Math.max(0, limit - used))
  }
  return { total, free }
}

interface Limit {
  readonly limit: number
  readonly used: number
}

/** Files of both versions of control groups: the limit, what is used, and what of it could be given back. */
const cgroups = [
  {
    controller: 'memory',
    root: '/sys/fs/cgroup/memory',
    limit: 'memory.limit_in_bytes',
    used: 'memory.usage_in_bytes',
    files: ['total_inactive_file', 'total_active_file'],
  },
  {
    controller: '',
    root: '/sys/fs/cgroup',
    limit: 'memory.max',
    used: 'memory.current',
    files: ['inactive_file', 'active_file'],
  },
] as const

/** Of the group of this process and of all above it: any of them can be the one that limits. */
function cgroupLimits(read: (file: string) => string | undefined): Limit[] {
  const limits: Limit[] = []
  for (const line of (read('/proc/self/cgroup') ?? '').split('\n')) {
    const [, controllers = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    const group = cgroups.find(({ controller }) => controllers.split(',').includes(controller))
    if (!group) continue
    const parts = path.split('/').filter(Boolean)
    for (let depth = parts.length; depth >= 0; depth--) {
      const folder = join(group.root, ...parts.slice(0, depth))
      const limit = Number.parseInt(read(join(folder, group.limit)) ?? '', 10)
      const used = Number.parseInt(read(join(folder, group.used)) ?? '', 10)
      if (Number.isNaN(limit) || Number.isNaN(used)) continue
      const stat = read(join(folder, 'memory.stat'))
      const kept = group.files.reduce((sum, name) => sum + (field(stat, name) ?? 0), 0)
      limits.push({ limit, used: used - kept })
    }
  }
  return limits
}

/** `ulimit -v` and `ulimit -d`. */
function processLimits(read: (file: string) => string | undefined): Limit[] {
  const limits = read('/proc/self/limits')
  const status = read('/proc/self/status')
  const pairs = [
    ['Max address space', 'VmSize'],
    ['Max data size', 'VmData'],
  ] as const
  return pairs.flatMap(([name, size]) => {
    const limit = field(limits, name)
    return limit === undefined ? [] : [{ limit, used: (field(status, size) ?? 0) * 1024 }]
  })
}

/** The first number of the line that begins with `name`. */
function field(text: string | undefined, name: string): number | undefined {
  const line = text?.split('\n').find(l => l.startsWith(name) && /[\s:]/.test(l[name.length] ?? ''))
  const number = /^[\s:]+(\d+)/.exec(line?.slice(name.length) ?? '')?.[1]
  return number === undefined ? undefined : Number(number)
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
