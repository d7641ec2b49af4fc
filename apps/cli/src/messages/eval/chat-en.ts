import type { EvalChatMessages } from './chat-types.js'

export const evalChatEn: EvalChatMessages = {
  about: 'Score answers about pictures against reference answers, as LLaVA QA-90 does.',
  headings: { testSet: 'Test set', judge: 'Judge' },
  options: {
    questions: 'questions, one JSON object a line; default: a small sample in both languages',
    references: 'reference answers, one JSON object a line',
    contexts: 'captions and boxes of the pictures, one JSON object a line',
    rules: 'what the judge is told for each category, JSON',
    pictures: 'folder of the pictures',
    output: 'folder for answers, reviews and summary; the same command goes on from what is in it',
    answers: 'answers that are there already, by this or another system: no model is loaded',
    against: 'compare the answers with those of this file, without a judge',
    judge: 'who judges: an endpoint, a rule that counts shared words, or nobody',
    judgeUrl: 'address of an OpenAI-compatible endpoint, such as http://localhost:8000/v1',
    judgeModel: 'exact name of the model that judges',
    judgeKeyEnv: 'environment variable that holds the key of the endpoint',
    judgeTemperature: 'temperature of the judge; default 0.2',
    judgeMaxTokens: 'most tokens of a reply; default 1024',
    judgeTimeout: 'seconds for a reply; default 120',
    judgeRetries: 'tries after the first when the endpoint fails; default 6',
    judgeConcurrency: 'requests at a time; default 4',
    orders: 'where the answer stands beside the reference: second as in the original, first, or both averaged',
    markdown: 'tables as Markdown',
    json: 'last line of standard output: one JSON object with every figure',
  },
  examples: `Without a file the embedded model answers a small sample, and a rule judges.
Examples:
  viscpm eval chat
  viscpm eval chat --questions q.jsonl --references r.jsonl --contexts c.jsonl --rules rule.json --pictures val2014 \\
    --model viscpm_chat_balance_checkpoint.pt -o run --judge-url http://localhost:8000/v1 --judge-model NAME
  viscpm eval chat --answers run/answers.jsonl --against int4/answers.jsonl`,
  usage: {
    needs: (option, missing) => `${option} needs ${missing}`,
    together: 'These go together.',
    outputNeeded: 'answers and reviews of your own questions need a folder: --output',
    outputHint: 'What was done is kept there, and the same command goes on from it.',
    judgeNeeded: 'who is to judge?',
    judgeHint: 'Give --judge-url and --judge-model, --judge word-overlap (a rule, for trying out), or --judge none.',
  },
  answering: 'answering',
  judging: 'judging',
  answered: (count, seconds) => `${count} questions answered in ${seconds} s`,
  judged: (count, seconds) => `${count} reviews in ${seconds} s`,
  phases: { answers: 'questions', judge: 'reviews' },
  columns: { conv: 'conversation', detail: 'detail', complex: 'complex', all: 'overall', questions: 'questions' },
  languages: { en: 'English', zh: 'Chinese' },
  title: (language, model) => `Answers about pictures, ${language}: ${model}`,
  judgedBy: judge => `judged by ${judge}`,
  rule: 'word-overlap, a rule and no judge',
  orders: { 'candidate-second': 'answer shown second', 'candidate-first': 'answer shown first' },
  published: (source, judge) => `published (${source}), judged by ${judge}`,
  notes: {
    score:
      'Score: 100 x mean of the answers / mean of the references, over all questions of a column; more than 100 is possible.',
    intervals: (resamples, seed) =>
      `In brackets: 95 % intervals, paired bootstrap over questions (${resamples} resamples, seed ${seed}).`,
    orders:
      'Each answer was judged first and second, and its scores averaged; the rows below show what the place does.',
    otherJudge: judge =>
      `The published rows are of LLaVA QA-90 as ${judge} judged it. Those above had another judge, and in the sample other questions: do not compare them.`,
    unparsable: (unparsable, reviews, left) =>
      `${unparsable} of ${reviews} replies had no two scores on their first line; they are in no mean, which leaves out ${left} questions.`,
    blocked: count => `${count} answers were stopped by a safety checker, and judged as far as they were said.`,
    unjudged: 'Nobody judged: there are answers, but no scores.',
    kept: folder => `kept in ${folder}`,
  },
  agreement: {
    title: (first, second) => `Agreement of ${first} and ${second}`,
    compared: 'answers compared',
    identical: 'identical',
    similarity: 'similarity of characters',
    onlyOne: (first, second) => `${first} questions only in the first, ${second} only in the second`,
    difference: (question, place) => `question ${question}, from character ${place} on:`,
    more: count => `and ${count} more`,
  },
}
