import { z } from '@hono/zod-openapi'
import type { StoredFile } from '../../files/types.js'
import { badRequest } from '../errors.js'
import { about, type Shape } from './shape.js'

/** The texts of an upload's form. */
export interface FileFields {
  readonly purpose: 'vision'
  readonly 'expires_after[anchor]'?: 'created_at' | undefined
  readonly 'expires_after[seconds]'?: number | undefined
}

/** @param maxSeconds that a file is kept at most */
export function fileBody(maxSeconds: number): z.ZodType<FileFields> {
  const seconds = z.coerce.number().int().min(1).max(maxSeconds)
  const fields: Shape<FileFields> = {
    purpose: z.literal('vision'),
    'expires_after[anchor]': z.literal('created_at').optional(),
    'expires_after[seconds]': seconds.optional(),
  }
  return z.strictObject(fields)
}

const expiry = z.strictObject({ anchor: z.literal('created_at'), seconds: z.int().min(1) })

/** The form as openapi.json describes it. */
export const fileForm: z.ZodType = z
  .strictObject({
    file: z.string().openapi({ format: 'binary', ...about('PNG, JPEG, WebP or GIF, 20 MB, 50 megapixels.') }),
    purpose: z.literal('vision'),
    expires_after: expiry.optional(),
  })
  .openapi('FileUpload')

export interface FileQuery {
  readonly purpose?: string | undefined
  readonly limit?: number | undefined
  readonly order?: 'asc' | 'desc' | undefined
  readonly after?: string | undefined
}

const query: Shape<FileQuery> = {
  purpose: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(10_000).optional(),
  order: z.enum(['asc', 'desc']).optional(),
  after: z.string().max(128).optional(),
}

export const fileQuery: z.ZodObject<Shape<FileQuery>> = z.object(query)

const seconds = (ms: number): number => Math.floor(ms / 1000)

export const fileObject = ({ id, name, bytes, createdAt, expiresAt }: StoredFile): Record<string, unknown> => ({
  ...{ id, object: 'file', bytes, filename: name, purpose: 'vision', status: 'processed' },
  created_at: seconds(createdAt),
  expires_at: seconds(expiresAt),
})

/** One page of a list, newest first unless it is asked for otherwise. @throws HttpError */
export function filePage(files: readonly StoredFile[], query: FileQuery): Record<string, unknown> {
  const { purpose = 'vision', limit = 10_000, order = 'desc', after } = query
  const all = purpose !== 'vision' ? [] : order === 'asc' ? [...files] : [...files].reverse()
  const at = after === undefined ? -1 : all.findIndex(({ id }) => id === after)
  if (after !== undefined && at < 0) throw badRequest('after', 'after: there is no such file of yours.')
  const from = all.slice(at + 1)
  const data = from.slice(0, limit).map(fileObject)
  const [first, last] = [data[0], data.at(-1)]
  return {
    ...{ object: 'list', data, has_more: from.length > limit },
    ...{ first_id: first?.id ?? null, last_id: last?.id ?? null },
  }
}
