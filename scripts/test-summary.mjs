// @ts-check
// Prints "N passed, N failed" from the JSON report of vitest, as the last line of .ci/run.
import { readFileSync } from 'node:fs'

/** @typedef {{ status: string, assertionResults: { status: string }[] }} TestFile */

/** @param {string} file @returns {{ success: boolean, numPassedTests: number, numFailedTests: number, testResults: TestFile[] }} */
function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    // The tests never came to an end: that is a failure, not an absence of failures.
    return { success: false, numPassedTests: 0, numFailedTests: 0, testResults: [] }
  }
}

const { success, numPassedTests, numFailedTests, testResults } = read(process.argv[2] ?? '')
// A file that cannot even be loaded has no failed test in it, and counts as one.
const broken = testResults.filter(f => f.status === 'failed' && !f.assertionResults.some(a => a.status === 'failed'))
const failed = numFailedTests + broken.length
console.log(`${numPassedTests} passed, ${success ? failed : Math.max(failed, 1)} failed`)
