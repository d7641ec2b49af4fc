import { totalmem } from 'node:os'
import { describe, expect, it } from 'vitest'
import { machineMemory } from './machine-memory.js'

const gibibyte = 2 ** 30

/** A machine with 16 GiB, 10 of them free, and these files. */
const machine = (files: Record<string, string>) => (file: string) =>
  ({ '/proc/meminfo': `MemTotal: 16777216 kB\nMemFree: 1 kB\nMemAvailable:   ${10 * 2 ** 20} kB\n`, ...files })[file]

describe('machineMemory', () => {
  it('is that of this machine', () => {
    const { total, free } = machineMemory()
    expect(total).toBeLessThanOrEqual(totalmem())
    expect(total).toBeGreaterThan(256 * 2 ** 20)
    expect(free).toBeGreaterThan(0)
    expect(free).toBeLessThanOrEqual(total)
  })

  it('counts what the system merely keeps as free', () => {
    expect(machineMemory(machine({})).free).toBe(10 * gibibyte)
  })

  it('is limited by the tightest control group, version 1', () => {
    const group = (path: string, limit: number, used: number, kept: number) => ({
      [`/sys/fs/cgroup/memory${path}/memory.limit_in_bytes`]: `${limit}\n`,
      [`/sys/fs/cgroup/memory${path}/memory.usage_in_bytes`]: `${used}\n`,
      [`/sys/fs/cgroup/memory${path}/memory.stat`]: `inactive_file 5\ntotal_inactive_file ${kept}\ntotal_active_file 1\n`,
    })
    const found = machineMemory(
      machine({
        '/proc/self/cgroup': '4:memory:/a/b\n0::/\n',
        ...group('', 2 ** 63, 9 * gibibyte, 0),
        ...group('/a', 4 * gibibyte, 3 * gibibyte, gibibyte - 1),
        ...group('/a/b', 2 ** 63, gibibyte, 0),
      }),
    )
    expect(found).toEqual({ total: 4 * gibibyte, free: 2 * gibibyte })
  })

  it('is limited by a control group of version 2', () => {
    const found = machineMemory(
      machine({
        '/proc/self/cgroup': '0::/box\n',
        '/sys/fs/cgroup/box/memory.max': `${gibibyte}\n`,
        '/sys/fs/cgroup/box/memory.current': `${gibibyte + 7}\n`,
        '/sys/fs/cgroup/box/memory.stat': 'file 9\n',
        '/sys/fs/cgroup/memory.max': 'max\n',
      }),
    )
    expect(found).toEqual({ total: gibibyte, free: 0 })
  })

  it('is limited by ulimit', () => {
    const limits = (address: string, data: string) =>
      `Limit  Soft Limit  Hard Limit  Units\nMax data size             ${data}   unlimited  bytes\nMax address space         ${address}   unlimited  bytes\n`
    const status = `VmPeak: 9 kB\nVmSize:  ${2 ** 20} kB\nVmData:   ${2 ** 19} kB\n`
    const free = (address: string, data: string) =>
      machineMemory(machine({ '/proc/self/limits': limits(address, data), '/proc/self/status': status })).free
    expect(free('unlimited', 'unlimited')).toBe(10 * gibibyte)
    expect(free(`${4 * gibibyte}`, 'unlimited')).toBe(3 * gibibyte)
    expect(free('unlimited', `${gibibyte}`)).toBe(gibibyte / 2)
  })
})
