/**
 * Files of convention documents: a list of them, one alone, or one on each line (NDJSON). Lines are read one after the
 * other, so that a file of any size takes little memory; the other forms are read whole.
 */
import { constants, createReadStream } from 'node:fs'
import { access, readFile, stat } from 'node:fs/promises'
import { limits } from '../config.ts'
import { Problem, problem } from '../http/errors/problems.ts'
import { parseJson } from '../http/input/json.ts'
import { isBlank, linesOf } from '../http/input/lines.ts'

const WHOLE_FILE_BYTES = 256 * 1024 * 1024
const LINES_NAME = /\.(ndjson|jsonl)$/i

export interface FileDocument {
  /** Where it stands, for people: `line 3` of lines, else `document 3`. */
  place: string
  /** Its JSON value. Throws a Problem when it is none. */
  read(): unknown
}

/** Throws an Error with a clear line unless there is a file that can be read. */
export async function checkFile(file: string): Promise<void> {
  const unreadable = await access(file, constants.R_OK).then(
    () => undefined,
    ({ code }: NodeJS.ErrnoException) => code,
  )
  if (unreadable === 'ENOENT') throw new Error(`There is no file ${file}.`)
  if (unreadable) throw new Error(`${file} cannot be read (${unreadable}).`)
  if (!(await stat(file)).isFile()) throw new Error(`${file} is not a file.`)
}

/** The documents of a file, in its order. Throws an Error when the file cannot be read. */
export async function* readDocuments(file: string): AsyncGenerator<FileDocument> {
  await checkFile(file)
  if (await isOfLines(file)) yield* readLines(file)
  else yield* readWhole(file)
}

async function isOfLines(file: string): Promise<boolean> {
  if (LINES_NAME.test(file)) return true
  for await (const line of linesOfFile(file)) {
    const text = line?.toString().trim()
    if (text !== '') return text?.startsWith('{') === true && text.endsWith('}')
  }
  return false
}

async function* readLines(file: string): AsyncGenerator<FileDocument> {
  let number = 0
  for await (const line of linesOfFile(file)) {
    number++
    if (!isBlank(line)) yield { place: `line ${number}`, read: () => parseLine(line) }
  }
}

const parseLine = (line: Buffer | null): unknown => parseJson(line ?? refuseLongLine())

/** Throws the 413 of a line that is longer than a document may be. */
export function refuseLongLine(): never {
  throw problem('payload-too-large', `The line is longer than ${limits.documentBytes} bytes.`)
}

async function* readWhole(file: string): AsyncGenerator<FileDocument> {
  if ((await stat(file)).size > WHOLE_FILE_BYTES)
    throw new Error(`${file} is larger than ${WHOLE_FILE_BYTES} bytes: put one document on each line instead.`)
  const value = parseWhole(file, await readFile(file))
  const documents = Array.isArray(value) ? value : [value]
  for (const [i, document] of documents.entries()) yield { place: `document ${i + 1}`, read: () => document }
}

/** The bounds of a body are those of one document: a long list of them is better read line by line. */
function parseWhole(file: string, bytes: Buffer): unknown {
  try {
    return parseJson(bytes)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    throw new Error(`${file}: ${error.message} A list of many documents is put as one document on each line.`)
  }
}

const linesOfFile = (file: string) => linesOf(createReadStream(file) as AsyncIterable<Buffer>, limits.documentBytes)
