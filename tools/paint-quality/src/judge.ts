import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Prompt } from './prompts.js'

export interface Verdict {
  readonly top1: boolean
  readonly top5: boolean
  readonly all: boolean
}

const folder = fileURLToPath(new URL('../../train-tiny', import.meta.url))

/** The classifier that was trained apart from the painter, in Python. */
export class Judge {
  private constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    private readonly lines: AsyncIterator<string>,
    private readonly reader: Interface,
  ) {}

  /** @param work the folder of tools/train-tiny with classifier.pt */
  static async start(python: string, work: string, threads: number): Promise<Judge> {
    const child = spawn(python, ['-m', 'paint.judge_pictures', 'judge', '--work', work, '--threads', String(threads)], {
      cwd: folder,
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    })
    await once(child, 'spawn') // rejects where there is no such Python
    child.stderr.pipe(process.stderr)
    const reader = createInterface({ input: child.stdout })
    return new Judge(child, reader[Symbol.asyncIterator](), reader)
  }

  async see(picture: string, { scene }: Prompt): Promise<Verdict> {
    this.child.stdin.write(`${JSON.stringify({ picture, scene })}\n`)
    const { value, done } = await this.lines.next()
    if (done) throw new Error('the judge ended: see above')
    return JSON.parse(value) as Verdict
  }

  end(): void {
    this.child.stdin.end()
    this.reader.close()
  }
}
