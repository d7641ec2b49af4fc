import type { Timing } from '../protocol.js'

export class Clock {
  private wall = performance.now()
  private cpu = process.cpuUsage()

  /** Time since the last lap. */
  lap(): Timing {
    const used = process.cpuUsage(this.cpu)
    const now = performance.now()
    const timing = { ms: now - this.wall, cpuMs: (used.user + used.system) / 1000 }
    this.cpu = process.cpuUsage()
    this.wall = performance.now()
    return timing
  }
}
