import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { isFileId } from '../../files/limits.js'
import type { AppEnv, Services } from '../context.js'
import { badRequest } from '../errors.js'
import { fieldsOf, formOf, pictureOf, takeFile } from '../form.js'
import { paintRequest } from '../openai/image-request.js'
import { editBody, editForm } from '../openai/image-schema.js'
import { pictureFrom } from '../security/pictures.js'
import { invalidBody } from '../validation.js'
import { answers } from './describe.js'
import { checkSending, paint } from './images.js'
import { modelFor } from './models.js'
import { picturesFor } from './pictures.js'

/** A picture of a form: a file, or the id of an uploaded one. @throws HttpError; the signal's reason */
async function pictureIn(form: FormData, name: string, c: Context<AppEnv>, services: Services) {
  const given = takeFile(form, name)
  if (typeof given !== 'string') return given && pictureOf(given, name)
  if (!isFileId(given))
    throw badRequest(name, `${name}: must be a file, or the id of an uploaded one.`, 'invalid_image')
  return pictureFrom(given, name, picturesFor(c, services), c.req.raw.signal)
}

export function editRoutes(app: OpenAPIHono<AppEnv>, services: Services): void {
  app.openAPIRegistry.registerPath({
    method: 'post',
    path: '/v1/images/edits',
    summary: 'Paint from a picture, or only where a mask is white',
    request: { body: { content: { 'multipart/form-data': { schema: editForm } }, required: true } },
    responses: answers('The pictures, or how they become', 200, ['application/json', 'text/event-stream']),
  })
  app.post('/v1/images/edits', async c => {
    const form = await formOf(c)
    const image = await pictureIn(form, 'image', c, services)
    const mask = await pictureIn(form, 'mask', c, services)
    if (!image) throw badRequest('image', 'image: is missing.', 'image_required')
    const parsed = editBody.safeParse(fieldsOf(form))
    if (!parsed.success) throw invalidBody(parsed.error)
    const { stream, partial_images, strength, input_fidelity: _fidelity, ...body } = parsed.data
    const sending = { stream, partial_images, include_candidates: body.include_candidates, size: body.size }
    checkSending(sending)
    const model = modelFor('paint', body.model, services)
    const request = paintRequest(body, model, (partial_images ?? 0) > 0, { image, mask, strength })
    return paint(c, services, request, 'image_edit', sending)
  })
}
