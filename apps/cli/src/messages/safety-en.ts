import type { CheckMessages, SafetyMessages, SafetyOption } from './safety-types.js'

const plural = (count: number, one: string): string => `${count.toLocaleString('en')} ${one}${count === 1 ? '' : 's'}`

export const safetyOptionsEn: Readonly<Record<SafetyOption, string>> = {
  safety:
    'strict blocks what a checker finds, or could not check; upstream does what the original did: it blocks prompts, blackens painted pictures, and only warns of pictures in a chat; off checks nothing',
  promptChecker: 'folder of a BERT that knows harmful texts, as transformers has it; asked after the word list',
  imageChecker:
    'folder of a Stable Diffusion safety checker, as diffusers has it; without one, pictures are not checked',
  audit: 'append a line of JSON to FILE for every decision; never the content, only its hash',
  checkAs:
    'what the inputs are; pictures as of a prompt or of a question accordingly; without it, texts are prompts, pictures those of a chat',
  checkJson: 'last line of standard output: what every checker said as one JSON object',
}

const see = '`viscpm check` says what each checker thinks, `viscpm check --help` what --safety does.'

export const safetyEn: SafetyMessages = {
  what: {
    'chat-picture': 'the picture',
    'chat-text': 'the question',
    'chat-answer': 'the answer',
    prompt: 'the prompt',
    'negative-prompt': 'the negative prompt',
    'source-picture': 'the picture to start from',
    'painted-picture': 'the painted picture',
    history: 'the conversation so far',
    text: 'the text',
  },
  categories: {
    sexual: 'sexual',
    profanity: 'profanity',
    hate: 'hate',
    violence: 'violence',
    'self-harm': 'self-harm',
    drugs: 'drugs',
  },
  decisions: { allow: 'nothing found', block: 'harmful', unknown: 'unknown' },
  listedWord: masked => `a listed word, ${masked}`,
  ofCategory: (checker, category) => `${checker} (${category})`,
  said: (checker, reason) => `${checker}: ${reason}`,
  blocked: (what, verdict) => `${what} was blocked by ${verdict}`,
  letPass: (what, verdict) => `${what} was let pass by the policy, in spite of ${verdict}`,
  hints: {
    text: 'Put it in other words.',
    picture: 'Take another picture.',
    output: 'Ask for something else, or try another seed.',
    unknown: 'The checker could not tell, and what is not known to be harmless is blocked.',
    see,
  },
  advice: hint => `${hint} ${see}`,
  policy: (name, covered) => `safety ${name}: ${covered}`,
  covered: (what, checkers) => `${what}: ${checkers}`,
  separator: '; ',
  texts: 'texts',
  pictures: 'pictures',
  noChecker: 'no checker',
  noPictureChecker: 'no checker of pictures',
  unchecked: 'unchecked by this policy',
  off: 'safety off: neither texts nor pictures are checked',
  neverAsked: (option, policy) => `${option} would never be asked with ${policy}`,
  neverAskedHint: 'Leave one of them out.',
}

export const checkEn: CheckMessages = {
  columns: {
    input: 'input',
    action: 'action',
    decision: 'decision',
    category: 'category',
    score: 'score / threshold',
    checker: 'checker',
    reason: 'reason',
  },
  actions: { allow: 'allow', tag: 'tag', blur: 'blur', blacken: 'blacken', block: 'block' },
  unchecked: 'not checked',
  notChecked: {
    text: count => `${plural(count, 'text')} not checked: nothing is known of what is in it.`,
    picture: count =>
      `${plural(count, 'picture')} not checked: nothing is known of what is in it. Give a checker with --image-checker FOLDER.`,
  },
  stdinTwice: 'standard input can be read only once',
  stdinIsTerminal: 'no text comes from standard input: pipe one in',
  emptyText: 'the text is empty',
  asText: 'If it is a text, give it on standard input: viscpm check -',
}
