import type { ServeMessages, ServeOption } from './serve-types.js'

export const serveOptionsEn: Readonly<Record<ServeOption, string>> = {
  serveHost: 'address to listen on; any but this machine itself needs --api-key-file',
  servePort: 'port to listen on; 0 takes a free one',
  serveModel: 'what to serve: tiny, a folder, a checkpoint, or a name for it: id=where; may be given again',
  serveQueue: 'Redis that workers (viscpm worker) take jobs from, as redis://HOST:6379; then no model is loaded here',
  serveKeys: 'file of API keys, a line for each: NAME KEY, or NAME KEY until=YYYY-MM-DD',
  serveRemote: 'fetch pictures from https addresses in requests; default: data URLs only',
  serveAllowHost: 'name that requests may call the server by; may be given again',
  serveAllowOrigin: 'other page that may use the server, as https://app.example; may be given again',
  serveMaxQueued: 'most requests that wait; further ones are told to come back (429)',
  serveRateLimit:
    'jobs that each API key may send, as 60/min or paint=20/h (s, min, h), more are told to come back (429); may be given again',
  serveOpen: 'open the page in the browser',
}

export const serveEn: ServeMessages = {
  page: url => `Open ${url} in a browser. Ctrl-C ends the server.`,
  api: url => `The server is at ${url} (its page is not built). Ctrl-C ends it.`,
  loading: 'Loading; requests wait for it.',
  ready: models => `Ready: ${models}`,
  queued: queue => `Jobs wait in ${queue} for workers.`,
  stopping: 'Ending what runs; Ctrl-C again ends at once.',
  stopped: 'Ended.',
  badModel: given => `--model ${given} has a name that cannot be one`,
  badModelHint: 'Names are of letters, digits and . _ : / -, as in id=where.',
  badRateHint: 'A rate is 60/min, 2/s or 500/h, for one kind of job chat=60/min or paint=6/min; at most 1000/s.',
  portTaken: port => `port ${port} is taken by another program`,
  portTakenHint: 'Give another one with --port; 0 takes a free one.',
}

export const serveExamplesEn = `The API is that of OpenAI: /v1/chat/completions, /v1/images/generations, /v1/images/edits, and more in /openapi.json.
Examples:
  viscpm serve --open
  viscpm serve --model chat=VisCPM-Chat/ --model paint=VisCPM-Paint/ --port 9000
  viscpm serve --host 0.0.0.0 --api-key-file keys.txt --allow-host ai.example
  viscpm serve --queue redis://127.0.0.1:6379 --rate-limit chat=60/min --rate-limit paint=6/min`
