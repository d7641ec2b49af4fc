import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { CommandName, Reply, Request } from './protocol.js'

/** One side of the benchmark: a process that answers JSON lines. */
export class Peer {
  private readonly child: ChildProcess
  private readonly lines: AsyncIterator<string>
  private readonly ended: Promise<number | null>
  private complaints = ''

  constructor(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
    this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]()
    this.child.stderr!.on('data', text => {
      this.complaints = `${this.complaints}${text}`.slice(-4000)
    })
    this.child.stdin!.on('error', () => {})
    this.ended = new Promise(done => {
      this.child.on('error', error => {
        this.complaints += String(error)
        done(null)
      })
      this.child.on('exit', done)
    })
  }

  /** Of the process; undefined where it could not be started. */
  get pid(): number | undefined {
    return this.child.pid
  }

  /** @throws Error with what the process said, when it failed or is gone. */
  async ask<K extends CommandName>(command: K, request: Request<K>): Promise<Reply<K>> {
    this.child.stdin!.write(`${JSON.stringify({ command, ...request })}\n`)
    const line = await Promise.race([this.lines.next(), this.ended.then(() => this.lines.next())])
    if (line.done) throw new Error(`${this.child.spawnfile} ended during '${command}': ${this.complaints.trim()}`)
    const reply = JSON.parse(line.value) as Reply<K> & { error?: string }
    if (reply.error) throw new Error(`${command}: ${reply.error}`)
    return reply
  }

  async end(): Promise<void> {
    this.child.stdin!.end()
    await this.ended
  }
}
