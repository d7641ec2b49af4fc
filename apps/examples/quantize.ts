// Converts a model to int4, checks it, and asks it: node dist/quantize.js [CHECKPOINT]
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadImage, VisCPMChat } from '@viscpm/chat/node'
import { quantizeCheckpoint, verifyCheckpoint } from '@viscpm/core/node'

const source = process.argv[2] ?? fileURLToPath(import.meta.resolve('@viscpm/tiny/model/model.safetensors'))
const work = await mkdtemp(path.join(tmpdir(), 'viscpm-quantize-'))
const folder = path.join(work, 'chat-int4')
try {
  // What lies beside the checkpoint and loading needs (vocabulary, configuration) is copied.
  const { manifest } = await quantizeCheckpoint(source, folder, { dtype: 'int4', rounding: 'search' })
  const { problems } = await verifyCheckpoint(folder, { source }) // every byte, and every tensor converted again
  console.log(`${(manifest.file.bytes / 1e6).toFixed(1)} MB, problems: ${problems.length}`)
  if (problems.length > 0) process.exitCode = 1

  const chat = await VisCPMChat.load(folder)
  const picture = fileURLToPath(import.meta.resolve('@viscpm/tiny/pictures/apple.png'))
  console.log((await chat.conversation(await loadImage(picture)).ask('这是什么？')).text)
  await chat.dispose()
} finally {
  await rm(work, { recursive: true, force: true })
}
