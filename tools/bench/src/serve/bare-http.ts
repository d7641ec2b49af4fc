import { createServer } from 'node:http'

/** The least that a server can be, in a process of its own: reads JSON, answers with JSON. What it takes is HTTP's part, not ours. */
const server = createServer(async (request, response) => {
  let body = ''
  request.setEncoding('utf8')
  for await (const piece of request) body += piece
  const { model } = JSON.parse(body) as { model: string }
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ model }))
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send!(typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : undefined)
})
process.on('disconnect', () => process.exit())
