import { expect, it } from 'vitest'
import { JobFailedError } from '../jobs/errors.js'
import { asHttpError } from './errors.js'

it.each([
  ['invalid_request', 400, 'invalid_request_error'],
  ['content_filter', 400, 'invalid_request_error'],
  // A client may send these again: nothing was wrong with the request.
  ['worker_lost', 500, 'server_error'],
  ['model_crashed', 500, 'server_error'],
  ['model_unavailable', 503, 'server_error'],
  ['job_expired', 404, 'not_found_error'],
])('a job that failed with %s is %i', (code, status, type) => {
  const told = asHttpError(new JobFailedError({ code, message: 'x' }))
  expect([told.status, told.body.error.type, told.body.error.code]).toEqual([status, type, code])
})
