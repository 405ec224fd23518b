/** Terms: the licence, the mailbox and the origin that operators set stand wherever people and programs look for them. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import t from 'tap'
import YAML from 'yaml'
import { openRegistry } from '../support/registry.ts'

const LICENCE = 'https://spdx.org/licenses/ODbL-1.0.html'
const ORIGIN = 'https://ctg.example'
const root = path.join(import.meta.dirname, '../..')

const config = { dataLicence: 'ODbL-1.0', contactEmail: 'contact@ctg.example', publicUrl: ORIGIN }
const { app, request } = await openRegistry(t, { now: '2026-03-15T12:00:00Z', config })
const plain = await openRegistry(t)

t.test('the home page says the licence of the data and the mailbox', async (t) => {
  const { body } = await request('GET', '/', { headers: { accept: 'application/json' } })
  t.match(body, { dataLicence: { id: 'ODbL-1.0', url: LICENCE }, contact: 'contact@ctg.example' })
  const { text } = await request('GET', '/', { headers: { accept: 'text/html' } })
  t.match(text, `<a href="${LICENCE}">Open Database License 1.0</a>`)
  t.match(text, '<a href="mailto:contact@ctg.example">')
  const usual = (await plain.request('GET', '/', { headers: { accept: 'application/json' } })).body
  t.match(usual, { dataLicence: { id: 'etalab-2.0', name: 'Licence Ouverte 2.0' }, contact: null })
})

t.test('the OpenAPI document says them, from its file, as JSON and as YAML', async (t) => {
  for (const { info, servers } of [
    (await app.inject('/openapi.json')).json(),
    YAML.parse((await app.inject('/openapi.yaml')).payload.replace(/^components:\n(?: .*\n|\n)*/m, '')),
  ]) {
    t.same(info.license, { name: 'Open Database License 1.0', identifier: 'ODbL-1.0' })
    t.equal(info.contact.email, 'contact@ctg.example')
    t.match(servers, [{ url: ORIGIN }])
  }
  t.same((await plain.app.inject('/openapi.json')).json().servers[0].url, '/')
})

t.test('every read leads to the licence, beside the next page; a write and a page for people do not', async (t) => {
  const licence = `<${LICENCE}>; rel="license"`
  for (const url of ['/v1/vocabularies', '/v1/conventions', '/v1/conventions?format=csv', '/v1/snapshot', '/v1/digest'])
    t.ok(String((await app.inject(url)).headers.link).endsWith(licence), url)
  const { headers } = await request('GET', '/v1/territories?limit=1')
  t.equal(headers.link?.replace(/^<.*?>/, '<next>'), `<next>; rel="next", ${licence}`)
  t.equal((await request('HEAD', '/v1/conventions')).headers.link, licence)
  for (const url of ['/', '/guide', '/v1/nothing'])
    t.notMatch(String((await app.inject(url)).headers.link), 'license', url)
})

t.test('a snapshot says the licence in its first line', async (t) => {
  const [first = ''] = (await request('GET', '/v1/snapshot')).text.split('\n')
  t.equal(JSON.parse(first).licence, 'ODbL-1.0')
})

t.test('the API catalog (RFC 9727) leads to what describes the API', async (t) => {
  const { statusCode, headers, payload } = await app.inject('/.well-known/api-catalog')
  t.equal(statusCode, 200)
  t.match(
    headers['content-type'],
    /^application\/linkset\+json; ?profile="https:\/\/www\.rfc-editor\.org\/info\/rfc9727"/,
  )
  t.match((await app.inject({ method: 'HEAD', url: '/.well-known/api-catalog' })).headers.link, 'rel="api-catalog"')
  const [catalog, api] = JSON.parse(payload).linkset
  t.same(catalog.item, [{ href: `${ORIGIN}/v1` }])
  t.equal(api.anchor, `${ORIGIN}/v1`)
  t.same(api.license[0].href, LICENCE)
  for (const relation of ['service-desc', 'service-doc', 'service-meta', 'status'])
    for (const { href, type } of api[relation]) {
      const answer = await app.inject({ url: href.slice(ORIGIN.length), headers: { accept: type } })
      t.equal(answer.statusCode, 200, href)
      t.ok(String(answer.headers['content-type']).startsWith(type), href)
    }
})

t.test('security.txt (RFC 9116) names a mailbox for less than a year, and is not there without one', async (t) => {
  const { headers, payload } = await app.inject('/.well-known/security.txt')
  t.equal(headers['content-type'], 'text/plain; charset=utf-8')
  t.same(payload.trimEnd().split('\n'), [
    'Contact: mailto:contact@ctg.example',
    'Expires: 2026-09-11T00:00:00Z',
    'Preferred-Languages: fr, en',
    `Canonical: ${ORIGIN}/.well-known/security.txt`,
  ])
  t.equal((await plain.app.inject('/.well-known/security.txt')).statusCode, 404)
})

t.test('llms.txt has a title, a summary and lists of links that lead somewhere', async (t) => {
  const { payload } = await plain.app.inject('/llms.txt')
  t.match(payload, /^# .+\n\n> .+\n/)
  const links = [...payload.matchAll(/^- \[.+\]\((\/.*?)\): .+$/gm)].map(([, to = '']) => to)
  t.ok(links.length > 5)
  for (const link of links) t.equal((await plain.app.inject(link)).statusCode, 200, link)
})

t.test('the record for data portals (DCAT-AP) has what they ask for, and its files are there', async (t) => {
  const { headers, payload } = await plain.app.inject('/catalog.jsonld')
  t.match(headers['content-type'], /^application\/ld\+json/)
  const catalog = JSON.parse(payload)
  const { 'dcat:dataset': dataset, 'dcat:service': service } = catalog
  for (const one of [catalog, dataset, service])
    for (const name of ['@id', '@type', 'dct:title', 'dct:license', 'dct:publisher']) t.ok(one[name], name)
  t.ok(dataset['dct:description'])
  t.equal(service['dcat:servesDataset']['@id'], dataset['@id'])
  for (const { 'dcat:downloadURL': to, 'dcat:mediaType': type } of dataset['dcat:distribution']) {
    const answer = await plain.app.inject(to['@id'])
    t.equal(answer.statusCode, 200, to['@id'])
    t.match(type['@id'], String(answer.headers['content-type']).split(';')[0], to['@id'])
  }
  const named = JSON.parse((await app.inject('/catalog.jsonld')).payload)['dcat:dataset']
  t.match(named, { '@id': `${ORIGIN}/catalog.jsonld#dataset`, 'dct:license': { '@id': LICENCE } })
})

t.test('publiccode.yml agrees with package.json', async (t) => {
  const code = YAML.parse(await readFile(path.join(root, 'publiccode.yml'), 'utf8'))
  const { version, license, repository } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'))
  t.match(code, {
    softwareVersion: version,
    legal: { license },
    url: repository.replace('github:', 'https://github.com/'),
  })
  for (const { shortDescription, longDescription } of Object.values<Record<string, string>>(code.description)) {
    t.ok((shortDescription?.length ?? 0) <= 150)
    t.ok((longDescription?.length ?? 0) >= 150)
  }
})
