import type { WorkerMessages, WorkerOption } from './worker-types.js'

export const workerOptionsEn: Readonly<Record<WorkerOption, string>> = {
  workerQueue: 'where the jobs wait: redis://HOST:PORT or rediss://USER@HOST:PORT (TLS); default: VISCPM_QUEUE',
  workerModel:
    'tiny, a folder or a checkpoint; NAME=WHERE gives it the name that requests use; may be given several times',
  workerOnly: 'take jobs of one kind only, and load no other model',
  workerConcurrency: 'jobs of each model at once, each with a copy of it; default: what cores and free memory allow',
  workerName: "the worker's name in logs and records; default: machine and process",
  workerDrain: 'seconds that jobs in work are waited for at the end, before they are given back; default 30',
  workerJson: 'one JSON object on standard output when it is ready',
}

export const workerEn: WorkerMessages = {
  queueNeeded: '--queue is missing',
  queueNeededHint: 'Name a Redis: --queue redis://127.0.0.1:6379, or set VISCPM_QUEUE.',
  loading: 'Loading',
  kinds: { chat: 'chat', paint: 'paint' },
  ready: (name, queue) => `${name} takes jobs from ${queue}. Ctrl-C ends it.`,
  serves: (model, kinds, concurrency, threads) =>
    `${model} (${kinds}): ${concurrency} at once, threads each: ${threads}`,
  draining: (running, seconds) =>
    `Takes no more jobs; waits up to ${seconds} s for those in work (${running}). Ctrl-C again gives them back now.`,
  stopped: 'Ended. What was not finished is done by others.',
}

export const workerExamplesEn = `The password may stand in VISCPM_REDIS_PASSWORD, where lists of processes do not show it.
Examples:
  viscpm worker --queue redis://127.0.0.1:6379
  viscpm worker --queue rediss://viscpm@queue.example:6380 --model chat=./chat-int4 --only chat --memory 8g
  viscpm worker --queue redis://10.0.0.5 --model paint=./paint-int8 --concurrency 2 --threads 8`
