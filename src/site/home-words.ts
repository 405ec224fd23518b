/** Words of the home page, in English; french-home.ts has the same in French. */
import { NAME, SUMMARY, version } from './api-info.ts'
import { prose } from './html.ts'

export const english = {
  name: NAME,
  label: `version ${version}`,
  summary: SUMMARY,
  introduction:
    'A CTG is the agreement by which a Caf, the communes and other public bodies of a territory plan their services to families for some years: who signed, until when, along which axes, with which actions, and where families find what. Here it is open data behind a REST API.',
  explore: 'Explore the API',
  guide: 'or read the <a href="/guide">guide</a> first.',
  callsHeading: 'Calls to try',
  /** They need no id, so they work whatever the registry holds. */
  calls: {
    '/v1/conventions?communeCode=61342': 'The conventions whose perimeter contains the commune of Rai.',
    '/v1/signatories?validOn=2020-06-01&include=organization': 'Who was bound by one on 1 June 2020, with names.',
    '/v1/actions?include=axes': 'What is planned, and under which axes.',
    '/v1/search?q=parentalite': 'All that speaks of parentalité, the most relevant first.',
  },
  writingHeading: 'Reading and writing',
  writing: prose(
    'Reading is free and needs no key. Writing needs one: the operators of the registry make it with `npm run keys -- create NAME`, and you send it as `Authorization: Bearer KEY`.',
  ),
  syncHeading: 'For the system of a Caf',
  sync: `${prose('Describe each convention in one document by your own keys and `PUT` it to `/v1/sources/{source}/conventions/{key}`, first with `dryRun=true`: the registry makes the smallest change, and the same document again changes nothing. To keep a copy, take a')} <a href="/v1/snapshot">snapshot</a> ${prose('once, go on with its `next` in the')} <a href="/v1/changes">feed of changes</a>${prose(', which misses none and tells none twice (with `excludeSource` without your own, if you store the answers to your writes), and compare now and then with the')} <a href="/v1/digest">digest</a>. ${prose('Send an `Idempotency-Key` with each write, so that it can be repeated after a failure.')}`,
  listsHeading: 'Everything there is',
  wordsOf: (_list: string, words: string) => words,
  programsHeading: 'For your program',
  programs: [
    'The OpenAPI 3.1 document, <a href="/openapi.json">as JSON</a> and <a href="/openapi.yaml">as YAML</a>, makes a client in your language.',
    `Is it up? <a href="/health/ready">Readiness</a>. ${prose('This page for programs: ask with `Accept: application/json`.')}`,
    'For catalogues: <a href="/catalog.jsonld">DCAT-AP</a> and the <a href="/.well-known/api-catalog">API catalog</a>.',
  ],
  termsHeading: 'Terms',
  terms: (licence: string) =>
    `The data is under the ${licence}: use it freely, and name this registry and the day of your copy. Paths, names and meanings of the API stay; new fields and codes may come.`,
  contact: (mailbox: string) => `Questions, corrections: ${mailbox}.`,
  problems: 'When something goes wrong: the problems',
  problem: 'Every error is a problem (RFC 9457); its type leads to one of these pages.',
  footer: (licence: string) => `Free software under the ${licence}.`,
}

export type HomeWords = typeof english
