import { statfs } from 'node:fs/promises'
import { availableParallelism, cpus } from 'node:os'
import { type MachineMemory, machineMemory } from '@viscpm/core/node'
import type { Messages } from '../../messages/index.js'
import { formatBytes } from '../../terminal/format.js'
import type { Check } from './check.js'

const oldestNode = 20
const gibibyte = 2 ** 30

export function checkNode(t: Messages, version: string = process.versions.node): Check {
  return Number.parseInt(version, 10) >= oldestNode
    ? { name: 'node', status: 'ok', detail: version }
    : { name: 'node', status: 'broken', detail: t.doctor.nodeTooOld(version), hint: t.doctor.nodeHint }
}

export function checkPlatform(): Check {
  return { name: 'platform', status: 'ok', detail: `${process.platform} ${process.arch}` }
}

export function checkCores(t: Messages): Check {
  const model = cpus()[0]?.model.trim()
  const count = t.doctor.cores(availableParallelism())
  return { name: 'cores', status: 'ok', detail: model && model !== 'unknown' ? `${count}, ${model}` : count }
}

export function checkMemory(t: Messages, memory: MachineMemory = machineMemory()): Check {
  const detail = t.doctor.memory(formatBytes(memory.total), formatBytes(memory.free))
  return memory.free < gibibyte
    ? { name: 'memory', status: 'warning', detail, hint: t.doctor.memoryLow }
    : { name: 'memory', status: 'ok', detail }
}

export async function checkDisk(t: Messages, folder: string = process.cwd()): Promise<Check> {
  const { bavail, bsize } = await statfs(folder)
  const detail = t.doctor.disk(formatBytes(bavail * bsize), folder)
  return bavail * bsize < gibibyte
    ? { name: 'disk', status: 'warning', detail, hint: t.doctor.diskLow }
    : { name: 'disk', status: 'ok', detail }
}
