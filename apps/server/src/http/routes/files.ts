import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { readImageHeader } from '@viscpm/core/image'
import type { AppEnv, Services } from '../context.js'
import { badRequest, HttpError } from '../errors.js'
import { fieldsOf, formOf, pictureOf, takeFile } from '../form.js'
import { fileBody, fileForm, fileObject, filePage, fileQuery } from '../openai/file.js'
import { invalidBody } from '../validation.js'
import { answers } from './describe.js'

const params = z.object({ id: z.string().max(128) })

const list = createRoute({
  method: 'get',
  path: '/v1/files',
  summary: 'Pictures that were uploaded with this key',
  request: { query: fileQuery },
  responses: answers('Files'),
})
const retrieve = createRoute({
  method: 'get',
  path: '/v1/files/{id}',
  summary: 'What is known of an uploaded picture',
  request: { params },
  responses: answers('The file'),
})
const content = createRoute({
  method: 'get',
  path: '/v1/files/{id}/content',
  summary: 'An uploaded picture',
  request: { params },
  responses: answers('Its bytes', 200, ['image/png', 'image/jpeg', 'image/webp', 'image/gif']),
})
const remove = createRoute({
  method: 'delete',
  path: '/v1/files/{id}',
  summary: 'Forget an uploaded picture',
  request: { params },
  responses: answers('That it is forgotten'),
})

const unknown = (): HttpError =>
  new HttpError(404, 'file_not_found', 'There is no such file of yours.', { param: 'id' })

/** What a client calls its file, in a form that can be shown. */
const shownName = (name: string): string => name.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '').slice(0, 255) || 'picture'

export function fileRoutes(app: OpenAPIHono<AppEnv>, { files }: Services): void {
  const body = fileBody(Math.floor(files.limits.keepMs / 1000))
  app.openAPIRegistry.registerPath({
    method: 'post',
    path: '/v1/files',
    summary: 'Upload a picture, to name it in requests by its id until it expires',
    request: { body: { content: { 'multipart/form-data': { schema: fileForm } }, required: true } },
    responses: answers('The file'),
  })
  app.post('/v1/files', async c => {
    const form = await formOf(c)
    const file = takeFile(form, 'file')
    if (file === undefined) throw badRequest('file', 'file: is missing.')
    if (typeof file === 'string') throw badRequest('file', 'file: must be a file.', 'invalid_image')
    const parsed = body.safeParse(fieldsOf(form))
    if (!parsed.success) throw invalidBody(parsed.error)
    const seconds = parsed.data['expires_after[seconds]']
    const picture = await pictureOf(file, 'file')
    const stored = await files.put(c.get('owner'), {
      ...{ name: shownName(file.name), content: picture },
      ...(seconds !== undefined && { keepMs: seconds * 1000 }),
    })
    return c.json(fileObject(stored))
  })
  app.openapi(list, async c => c.json(filePage(await files.list(c.get('owner')), c.req.valid('query'))))
  app.openapi(retrieve, async c => {
    const file = await files.find(c.get('owner'), c.req.valid('param').id)
    if (!file) throw unknown()
    return c.json(fileObject(file))
  })
  app.openapi(content, async c => {
    const bytes = await files.content(c.get('owner'), c.req.valid('param').id)
    if (!bytes) throw unknown()
    const { format } = readImageHeader(bytes)
    return c.body(bytes as Uint8Array<ArrayBuffer>, 200, {
      'content-type': `image/${format}`,
      'content-disposition': 'attachment',
      'cache-control': 'no-store',
    })
  })
  app.openapi(remove, async c => {
    const { id } = c.req.valid('param')
    if (!(await files.remove(c.get('owner'), id))) throw unknown()
    return c.json({ id, object: 'file', deleted: true })
  })
}
