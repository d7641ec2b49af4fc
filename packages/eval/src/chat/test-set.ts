import { FileFormatError } from '@viscpm/core'
import { fieldsOf, keyed, parseJsonLines, textField } from './json-text.js'
import { type ChatQuestion, questionIdOf } from './question.js'

/** What a judge, who sees no picture, is told of it. */
export interface PictureContext {
  readonly image: string
  /** Sentences that people wrote about the picture. */
  readonly captions: readonly string[]
  /** Things and where they are: x1, y1, x2, y2 from the top left corner, as shares of width and height. */
  readonly instances: readonly { readonly category: string; readonly bbox: readonly number[] }[]
}

/** How answers of a category are judged. */
export interface JudgeRule {
  /** What the prompt calls those who answer. */
  readonly role: string
  readonly prompt: string
}

/** A question with all that its judging needs. */
export interface ChatTestItem {
  readonly question: ChatQuestion
  /** The answer that others are measured by: GPT-4's, which read the context and saw no picture. */
  readonly reference: string
  readonly context: PictureContext
  readonly rule: JudgeRule
}

/** Texts of the published files; `name` is what errors call each. */
export interface TestSetTexts {
  /** `qa90_gpt4_answer.jsonl`: a line `{"question_id": 0, "text": "..."}` each. */
  readonly references: NamedText
  /** `caps_boxes_coco2014_val_80.jsonl`: `{"image": "a.jpg", "captions": [...], "instances": [{"category", "bbox"}]}` each. */
  readonly contexts: NamedText
  /** `rule.json`: `{"conv": {"role": "Assistant", "prompt": "..."}, ...}`. */
  readonly rules: NamedText
}

export interface NamedText {
  readonly name: string
  readonly text: string
}

/**
 * Joins questions with references, contexts and rules: by number, picture and category, not by place in the file.
 * @throws FileFormatError naming the file and what is wrong with it or missing
 */
export function joinTestSet(questions: readonly ChatQuestion[], texts: TestSetTexts): readonly ChatTestItem[] {
  const references = keyed(
    parseJsonLines(texts.references.text, texts.references.name, referenceOf),
    texts.references.name,
    one => one.id,
  )
  const contexts = keyed(
    parseJsonLines(texts.contexts.text, texts.contexts.name, contextOf),
    texts.contexts.name,
    one => one.image,
  )
  const rules = parseRules(texts.rules)
  const needed = <T>(found: T | undefined, { name }: NamedText, what: string): T => {
    if (found === undefined) throw new FileFormatError({ file: name, message: `holds nothing for ${what}` })
    return found
  }
  return questions.map(question => ({
    question,
    reference: needed(references.get(String(question.questionId)), texts.references, `question ${question.questionId}`)
      .text,
    context: needed(contexts.get(question.image), texts.contexts, `picture ${question.image}`),
    rule: needed(rules.get(question.category), texts.rules, `category '${question.category}'`),
  }))
}

const referenceOf = (json: unknown): { id: string; text: string } => ({
  id: String(questionIdOf(json)),
  text: textField(fieldsOf(json), 'text'),
})

function contextOf(json: unknown): PictureContext {
  const fields = fieldsOf(json)
  const { captions, instances } = fields
  if (!Array.isArray(captions) || !captions.every(one => typeof one === 'string'))
    throw new Error("'captions' are no texts")
  if (!Array.isArray(instances)) throw new Error("'instances' is no list")
  return {
    image: textField(fields, 'image'),
    captions,
    instances: instances.map(instance => {
      const inside = fieldsOf(instance)
      const { bbox } = inside
      if (!Array.isArray(bbox) || bbox.length !== 4 || !bbox.every(Number.isFinite))
        throw new Error("'bbox' is not four numbers")
      return { category: textField(inside, 'category'), bbox: bbox as number[] }
    }),
  }
}

function parseRules({ name, text }: NamedText): ReadonlyMap<string, JudgeRule> {
  try {
    const rules = Object.entries(fieldsOf(JSON.parse(text.replace(/^\ufeff/, ''))))
    return new Map(
      rules.map(([category, json]) => {
        const rule = fieldsOf(json)
        return [category, { role: textField(rule, 'role'), prompt: textField(rule, 'prompt') }]
      }),
    )
  } catch (cause) {
    throw new FileFormatError({ file: name, message: (cause as Error).message, cause })
  }
}
