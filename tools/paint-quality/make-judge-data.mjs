// @ts-check
// Makes what `viscpm eval critique` judges with: the drawings that the embedded painter was shown, small, and the seeded prompts
// with what they ask for. Arguments: icons.json of @iconify-json/fluent-emoji-flat 1.2.6 (MIT).
import { readFile, writeFile } from 'node:fs/promises'
import sharp from 'sharp'

const cell = 24
const columns = 18
const here = (/** @type {string} */ path) => new URL(path, import.meta.url)
const json = async (/** @type {string | URL} */ path) => JSON.parse(await readFile(path, 'utf8'))
const icons = await json(/** @type {string} */ (process.argv[2]))
const { things } = await json(here('../train-tiny/world.json'))
const prompts = await json(here('data/prompts.json'))

/** The SVG of an icon, aliases followed. @param {string} slug */
function svg(slug) {
  let name = slug
  while (!(name in icons.icons)) {
    if (!(name in (icons.aliases ?? {}))) return undefined
    name = icons.aliases[name].parent
  }
  const { body, width = icons.width ?? 16, height = icons.height ?? 16 } = icons.icons[name]
  return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">${body}</svg>`
}

// Colours over black above, how much they cover below: a picture without alpha.
const rows = Math.ceil(things.length / columns)
const [width, height] = [columns * cell, rows * cell]
const sheet = Buffer.alloc(width * height * 2 * 3)
for (const [k, { icons: slugs, id }] of things.entries()) {
  const text = slugs.map(svg).find((/** @type {string | undefined} */ found) => found)
  if (!text) throw new Error(`no drawing of ${id}`)
  const drawn = await sharp(Buffer.from(text), { density: 72 * 6 })
    .png()
    .toBuffer()
  const cropped = await sharp(drawn).trim({ background: '#0000', threshold: 8 }).png().toBuffer()
  const pixels = await sharp(cropped)
    .resize(cell, cell, { fit: 'contain', background: '#0000' })
    .ensureAlpha()
    .raw()
    .toBuffer()
  const [left, top] = [(k % columns) * cell, Math.floor(k / columns) * cell]
  for (let y = 0; y < cell; y++)
    for (let x = 0; x < cell; x++) {
      const from = (y * cell + x) * 4
      const alpha = /** @type {number} */ (pixels[from + 3])
      for (let c = 0; c < 3; c++) {
        const at = ((top + y) * width + left + x) * 3 + c
        sheet[at] = Math.round(/** @type {number} */ (pixels[from + c] * alpha) / 255)
        sheet[at + width * height * 3] = alpha
      }
    }
}
const eval_ = '../../packages/tiny/eval/judge/'
await sharp(sheet, { raw: { width, height: height * 2, channels: 3 } })
  .png({ palette: true, colours: 256, effort: 10 })
  .toFile(new URL(`${eval_}drawings.png`, import.meta.url).pathname)

const colours = ['red', 'orange', 'yellow', 'green', 'blue', 'purple', 'pink', 'brown', 'black', 'white', 'grey']
const seen = new Map()
const told = prompts.map((/** @type {any} */ { kind, lang, prompt, scene }) => {
  const scenes = seen.get(`${kind} ${lang}`) ?? 0
  seen.set(`${kind} ${lang}`, scenes + 1)
  return {
    id: `${kind.replaceAll(' ', '-')}-${scenes}`,
    kind,
    language: lang,
    prompt,
    ...(scene.bg < colours.length && { background: colours[scene.bg] }),
    things: scene.items.map((/** @type {any} */ { label, paint }) => ({
      name: things[label - 2].id,
      ...(paint >= 0 && { colour: colours[paint] }),
    })),
  }
})
const lines = (/** @type {unknown[]} */ all) => `[\n${all.map(one => `    ${JSON.stringify(one)}`).join(',\n')}\n  ]`
await writeFile(
  here(`${eval_}prompts.json`),
  `{\n  "cell": ${cell},\n  "columns": ${columns},\n  "drawings": ${JSON.stringify(things.map((/** @type {any} */ { id }) => id))},\n  "prompts": ${lines(told)}\n}\n`,
)
