export { type AnswerAgreement, type AnswerDifference, compareAnswers } from './agreement.js'
export { type AnswerQuestionsOptions, type AnswerRecord, answerQuestions, parseAnswer } from './answers.js'
export type { AskOptions } from './ask-with-retries.js'
export { type ChatCompletionsJudgeOptions, chatCompletionsJudge } from './chat-completions-judge.js'
export type { Judge, JudgeReply, JudgeRequest } from './judge.js'
export { judgePrompt, judgeSystemMessage } from './prompt.js'
export { type PublishedChatRow, publishedChatRows, publishedChatSource } from './published.js'
export { type ChatCategory, type ChatQuestion, chatCategories, parseQuestions } from './question.js'
export type { ResultLines } from './result-lines.js'
export {
  type JudgeAnswersOptions,
  judgeAnswers,
  parseReview,
  type ReviewOrder,
  type ReviewRecord,
  reviewOrders,
} from './reviews.js'
export { parseScores } from './scores.js'
export { wordOverlap, wordOverlapJudge } from './scripted-judge.js'
export { type ChatScore, type ChatScores, type ChatSummary, summarizeReviews } from './summary.js'
export {
  type ChatTestItem,
  type JudgeRule,
  joinTestSet,
  type NamedText,
  type PictureContext,
  type TestSetTexts,
} from './test-set.js'
