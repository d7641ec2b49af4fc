// Our side of the benchmark: one JSON request per line on stdin, one JSON reply per line on stdout.
import { createInterface } from 'node:readline'
import { OursSide } from './commands.js'

const side = new OursSide()
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as { command: string }
  let reply: unknown
  try {
    reply = await side.answer(request)
  } catch (error) {
    reply = { error: String((error as Error).stack ?? error) }
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`)
}
await side.dispose()
