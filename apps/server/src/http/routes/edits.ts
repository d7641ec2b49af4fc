import type { OpenAPIHono } from '@hono/zod-openapi'
import type { AppEnv, Services } from '../context.js'
import { badRequest, HttpError } from '../errors.js'
import { paintRequest } from '../openai/image-request.js'
import { editBody, editForm } from '../openai/image-schema.js'
import { checkPicture, maxPictureBytes } from '../security/pictures.js'
import { invalidBody } from '../validation.js'
import { answers } from './describe.js'
import { checkSending, paint } from './images.js'
import { modelFor } from './models.js'

/** A file of a form, which some clients call `name[]`. @throws HttpError */
async function fileOf(form: FormData, name: string): Promise<Uint8Array | undefined> {
  const given = [...form.getAll(name), ...form.getAll(`${name}[]`)]
  form.delete(name)
  form.delete(`${name}[]`)
  const [file] = given
  if (file === undefined) return undefined
  if (given.length > 1) throw badRequest(name, `${name}: one picture is taken.`, 'one_image_only')
  if (typeof file === 'string') throw badRequest(name, `${name}: must be a file.`, 'invalid_image')
  if (file.size > maxPictureBytes)
    throw new HttpError(413, 'image_too_large', `${name}: at most 20 MB are taken.`, { param: name })
  return checkPicture(new Uint8Array(await file.arrayBuffer()), name)
}

/** The texts of a form. @throws HttpError for a field that is given twice */
function fieldsOf(form: FormData): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const [name, value] of form) {
    if (typeof value !== 'string') throw badRequest(name, `${name}: is no field for a file.`)
    if (Object.hasOwn(fields, name)) throw badRequest(name, `${name}: is given more than once.`)
    fields[name] = value
  }
  return fields
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
    const form = await c.req.formData().catch(() => {
      throw new HttpError(400, 'invalid_form', 'The body is no multipart form.')
    })
    const [image, mask] = [await fileOf(form, 'image'), await fileOf(form, 'mask')]
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
