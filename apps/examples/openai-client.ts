// Starts the server, and talks to it with OpenAI's own client: node dist/openai-client.js [picture]
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { startServer } from '@viscpm/server'
import OpenAI from 'openai'

const demo = fileURLToPath(import.meta.resolve('@viscpm/tiny/pictures/apple.png'))
const picture = await readFile(process.argv[2] ?? demo)

// In a shell: `viscpm serve --port 8080`. Without a key it can be reached from this machine only.
const server = await startServer({ port: 0, log: 'silent' })
const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none' })

const stream = await client.chat.completions.create({
  model: 'tiny',
  stream: true,
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'What colour is it?' },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${picture.toString('base64')}` } },
      ],
    },
  ],
})
for await (const { choices } of stream) process.stdout.write(choices[0]?.delta.content ?? '')

const { data } = await client.images.generate({ model: 'tiny', prompt: 'a red apple', response_format: 'b64_json' })
console.log(`\na picture of ${Buffer.from(data?.[0]?.b64_json ?? '', 'base64').length} bytes`)
await server.close()
